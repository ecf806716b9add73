import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Guest } from '../../src/app/guest/start-guest.ts';
import { flushConsole } from '../../src/vm/flush-console.ts';
import { startBareGuest } from '../support/bare-guest.ts';
import { temporaryDirectory } from '../support/devbox.ts';

describe('the vitals of a guest', () => {
  const dir = temporaryDirectory();
  let guest: Guest;
  beforeAll(async () => {
    guest = await startBareGuest(dir.path);
    await guest.vm.channel.vitals(); // The boot's own messages.
  });
  afterAll(async () => {
    await guest[Symbol.asyncDispose]();
    dir[Symbol.dispose]();
  });

  const vitals = () => guest.vm.channel.vitals();
  const run = async (script: string) => {
    const process = await guest.vm.channel.exec({ argv: ['sh', '-c', script] });
    await process.closed;
    return process.exited;
  };

  /** A kernel says this and that in its first seconds. */
  const untilQuiet = async () => {
    for (let looks = 0; looks < 20; looks += 1) {
      if (!(await vitals()).hasPrinted) return;
      await flushConsole(guest.vm);
    }
    throw new Error('The kernel is said to print all the time.');
  };

  it('tell once that the kernel has printed, and nothing of a program that did not make it', async () => {
    await untilQuiet();
    expect(await run('echo "<6>something" > /dev/kmsg; echo "<6>more" > /dev/kmsg')).toMatchObject({
      code: 0,
    });
    expect((await vitals()).hasPrinted).toBe(true);
    await untilQuiet();
    expect(await run('true')).toMatchObject({ code: 0 });
    expect((await vitals()).hasPrinted).toBe(false);
  });

  it('do not count marks, but what is printed behind one', async () => {
    await untilQuiet();
    for (let marks = 0; marks < 3; marks += 1) expect(await flushConsole(guest.vm)).toBe(true);
    expect((await vitals()).hasPrinted).toBe(false);
    await flushConsole(guest.vm);
    await run('echo "<6>behind it" > /dev/kmsg');
    expect((await vitals()).hasPrinted).toBe(true);
  });

  it('say how much memory there is, and what files take of it', async () => {
    const before = await vitals();
    expect(before.memoryKiB).toBe((await guest.vm.channel.hello).memoryKiB);
    await run('head -c 64M /dev/zero > /tmp/large');
    const grown = (await vitals()).filesKiB - before.filesKiB;
    // The kernel counts for each CPU, and adds up what is more than 125 pages.
    expect(Math.abs(grown - 65_536)).toBeLessThan(2 * 125 * 4);
  });
});
