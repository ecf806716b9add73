import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBulkDisk } from '../../src/vm/bulk-disk.ts';
import { connectGuestChannel } from '../../src/vm/channel/connect-guest-channel.ts';
import type { GuestProcess } from '../../src/vm/channel/guest-process.ts';
import { type BuiltGuest, buildGuest, serveGuest } from '../support/hosted-guest.ts';

let guest: BuiltGuest;
beforeAll(async () => {
  guest = await buildGuest();
});
afterAll(() => guest[Symbol.asyncDispose]());

/** `file`: what is in the place of the disk, when it is not what the host reads. */
async function serve(file?: string) {
  const path = join(guest.dir, 'bulk');
  const disk = createBulkDisk(path);
  const hosted = await serveGuest(guest, { bulk: file ?? path });
  let pieces = 0;
  const bulk = {
    read: (offset: number, length: number) => {
      pieces++;
      return disk.read(offset, length);
    },
  };
  return {
    channel: connectGuestChannel(hosted.socket, { bulk }),
    pieces: () => pieces,
    [Symbol.asyncDispose]: async () => {
      await hosted[Symbol.asyncDispose]();
      disk[Symbol.dispose]();
    },
  };
}

async function sha256(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += Buffer.from(chunk).toString('latin1');
  return all;
}

const shell = (script: string) => ({ argv: ['bash', '-c', script] });
/** Random bytes in writes of 128 KiB, `count` of them; what they should add up to is told on the report stream. */
const bulk = (to: number, count: number) =>
  `head -c $((${count} * 131072)) /dev/urandom > f${to}; sha256sum < f${to} >&3; dd if=f${to} bs=128k status=none >&${to}`;

async function sums(process: GuestProcess): Promise<readonly (readonly string[])[]> {
  const [out, err, report] = await Promise.all([
    sha256(process.stdout),
    sha256(process.stderr),
    text(process.report),
  ]);
  return [[out, err], report.match(/[0-9a-f]{64}/g) ?? []];
}

describe('output in bulk', () => {
  it('goes over its disk, byte for byte, streams apart', async () => {
    await using served = await serve();
    const process = await served.channel.exec({
      ...shell(`${bulk(1, 100)}; ${bulk(2, 50)}`),
      ...{ report: true, cwd: guest.dir },
    });
    const [got, told] = await sums(process);
    expect(got).toEqual(told);
    expect(served.pieces()).toBeGreaterThan(4);
    expect(await process.exited).toMatchObject({ code: 0 });
  });

  it('goes through the port when the disk takes nothing', async () => {
    await using served = await serve('/dev/full');
    const process = await served.channel.exec({
      ...shell(`${bulk(1, 100)}; ${bulk(2, 50)}`),
      ...{ report: true, cwd: guest.dir },
    });
    const [got, told] = await sums(process);
    expect(got).toEqual(told);
    expect(served.pieces()).toBe(0);
  });

  it('that nobody reads stops its own program only', async () => {
    await using served = await serve('/dev/full');
    const stuck = await served.channel.exec({
      argv: ['dd', 'if=/dev/zero', 'bs=128k', 'status=none'],
      windowBytes: 100_000,
    });
    const { stdout, exited } = await served.channel.exec(shell('head -c 10000000 /dev/zero | tr "\\0" x'));
    expect((await text(stdout)).length).toBe(10_000_000);
    expect(await exited).toMatchObject({ code: 0 });
    await stuck.signal('SIGKILL');
    expect(await stuck.exited).toMatchObject({ signal: 'SIGKILL' });
    stuck.stdout.discard();
    await stuck.closed;
    const next = await served.channel.exec(shell('head -c 10000000 /dev/zero'));
    expect((await text(next.stdout)).length).toBe(10_000_000);
  });

  it('of many programs at once arrives whole', async () => {
    await using served = await serve();
    const runs = Array.from({ length: 12 }, async (_, i) => {
      const { stdout, exited } = await served.channel.exec(
        shell(`head -c 3000000 /dev/zero | tr '\\0' '\\${(101 + i).toString()}'`),
      );
      const all = await text(stdout);
      expect(all.length).toBe(3_000_000);
      expect(new Set(all).size).toBe(1);
      expect(await exited).toMatchObject({ code: 0 });
    });
    await Promise.all(runs);
  });
});
