import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { GuestError } from '../channel/guest-failure.ts';
import type { ExecOptions, GuestExit, GuestProcess } from '../channel/guest-process.ts';
import { openDoor } from './door.ts';
import { throughDoor } from './enter.ts';

const dir = mkdtempSync(join(tmpdir(), 'devbox-door-'));
afterAll(() => rmSync(dir, { recursive: true }));
let doors = 0;

/** A guest that starts one process, which a test drives. */
async function guestWithDoor({ refuse }: { refuse?: Error } = {}) {
  doors += 1;
  const path = join(dir, `${doors}.sock`);
  const streams = [new PassThrough(), new PassThrough(), new PassThrough()] as const;
  const [stdout, stderr, report] = streams.map((stream) =>
    Object.assign(stream, { discard: () => void stream.resume() }),
  ) as unknown as [
    PassThrough & { discard(): void },
    PassThrough & { discard(): void },
    PassThrough & { discard(): void },
  ];
  const exited = Promise.withResolvers<GuestExit>();
  const log: string[] = [];
  const killed = Promise.withResolvers<void>();
  const heard: Buffer[] = [];
  let asked: ExecOptions | undefined;
  const process: GuestProcess = {
    ...{ pid: 42, stdout, stderr, report, exited: exited.promise, closed: Promise.resolve() },
    write: async (bytes) => {
      await new Promise((resolve) => setImmediate(resolve)); // As slow as a guest.
      if (!log.includes('end of input')) heard.push(Buffer.from(bytes));
    },
    endStdin: async () => void log.push('end of input'),
    signal: async (signal) => {
      log.push(`signal ${signal}`);
      if (signal === 'SIGKILL') killed.resolve();
    },
    resize: async (rows, cols) => void log.push(`size ${rows} ${cols}`),
  };
  const channel = {
    exec: async (options: ExecOptions) => {
      asked = options;
      if (refuse) throw refuse;
      return process;
    },
  };
  const signal = new AbortController().signal;
  const door = await openDoor({ channel, path, cwd: '/work', signal });
  const exit = (how: GuestExit) => {
    for (const stream of streams) stream.end();
    exited.resolve(how);
  };
  return {
    ...{ channel: throughDoor(path), door, stdout, stderr, exit, log, killed: killed.promise },
    ...{ asked: () => asked, heard: () => Buffer.concat(heard) },
  };
}

const usage = { userUs: 1, systemUs: 2 };

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('the door of a guest', () => {
  it('starts a process where the guest works, and hands on its streams and its end', async () => {
    const { channel, asked, stdout, stderr, exit, door } = await guestWithDoor();
    using _door = door;
    const process = await channel.exec({ argv: ['one', 'two'], env: { A: 'b' } });
    stdout.write('x'.repeat(200_000));
    stderr.write('oh');
    exit({ code: 3, ...usage });
    expect((await textOf(process.stdout)).length).toBe(200_000);
    expect(await textOf(process.stderr)).toBe('oh');
    expect(await process.exited).toEqual({ code: 3, ...usage });
    expect(process.pid).toBe(42);
    expect(asked()).toEqual({ argv: ['one', 'two'], cwd: '/work', env: { A: 'b' } });
  });

  it('hands on input in order, its end last, with signals and sizes', async () => {
    const { channel, log, heard, exit, door } = await guestWithDoor();
    using _door = door;
    const process = await channel.exec({ argv: ['cat'], stdin: true });
    const input = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => index % 251));
    const written = process.write(input);
    const ended = process.endStdin(); // Not waited for, as a pipe that has ended does.
    await Promise.all([written, ended]);
    await process.resize(10, 20);
    await process.signal('SIGINT');
    await expect.poll(() => log).toEqual(['end of input', 'size 10 20', 'signal SIGINT']);
    expect(heard().equals(input)).toBe(true);
    exit({ signal: 'SIGINT', ...usage });
    expect(await process.exited).toMatchObject({ signal: 'SIGINT' });
  });

  it('says what could not be started, as the guest said it', async () => {
    const { channel, door } = await guestWithDoor({ refuse: new GuestError('No', 2) });
    using _door = door;
    const refused = channel.exec({ argv: ['nothing'] });
    await expect(refused).rejects.toMatchObject({ errno: 'ENOENT', name: 'GuestError' });
    await expect(refused).rejects.toThrow(/could not start nothing: no such file/);
  });

  it('kills what a visitor started who goes away', async () => {
    const { channel, killed, door } = await guestWithDoor();
    using _door = door;
    const leave = new AbortController();
    const process = await channel.exec({ argv: ['sleep'] }, { signal: leave.signal });
    leave.abort();
    await killed;
    await expect(process.exited).rejects.toThrow();
  });

  it('tells visitors that the guest has ended', async () => {
    const { channel, door } = await guestWithDoor();
    const process = await channel.exec({ argv: ['sleep'] });
    door[Symbol.dispose]();
    await expect(process.exited).rejects.toThrow('The guest has ended');
    await expect(channel.exec({ argv: ['sleep'] })).rejects.toThrow('The guest has ended');
  });
});
