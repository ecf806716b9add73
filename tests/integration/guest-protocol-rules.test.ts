import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeFrame, type Frame, GuestFrame, HostFrame } from '../../src/vm/channel/frame.ts';
import { FrameDecoder } from '../../src/vm/channel/frame-decoder.ts';
import { u32 } from '../../src/vm/channel/payload.ts';
import { type BuiltGuest, buildGuest, serveGuest } from '../support/hosted-guest.ts';

let guest: BuiltGuest;
beforeAll(async () => {
  guest = await buildGuest();
});
afterAll(() => guest[Symbol.asyncDispose]());

describe('a rule the host breaks is named, and ends the guest', () => {
  const exec = ({ flags = 0, credit = 100, argc = 1, envc = 0, strings = ['/', 'true'] }) =>
    Buffer.concat([
      ...[u32(flags), u32(0), u32(credit), Buffer.from([argc, 0, envc, 0])],
      ...strings.map((string) => Buffer.from(`${string}\0`)),
    ]);
  const sleeping = encodeFrame(HostFrame.exec, 1, exec({ argc: 2, strings: ['/', 'sleep', '1000'] }));
  const oversized = Buffer.alloc(12);
  oversized.writeUInt32LE(32_757);
  it.each<[string, Buffer, string]>([
    ['too large a payload', oversized, 'a payload has at most 32756 bytes'],
    ['reserved bits', Buffer.from([0, 0, 0, 0, 0x0c, 1, 0, 0, 1, 0, 0, 0]), 'flags and reserved are 0'],
    ['an unknown type', encodeFrame(0x11, 1), 'the type is one the guest knows'],
    [
      'a size that does not fit the type',
      encodeFrame(HostFrame.ping, 1, u32(1)),
      'the payload has the size of its type',
    ],
    [
      'a RESUME without entropy',
      encodeFrame(HostFrame.resume, 1, Buffer.alloc(39)),
      'RESUME is a time and 32 to 512 bytes',
    ],
    ['id 0', encodeFrame(HostFrame.ping, 0), 'an id is not 0'],
    [
      'bulk taken that was not given',
      encodeFrame(HostFrame.bulkTaken, 1),
      'no more is taken from the disk than was put there',
    ],
    ['an id used twice', Buffer.concat([sleeping, sleeping]), 'an id is not used twice at a time'],
    ['an unknown flag', encodeFrame(HostFrame.exec, 1, exec({ flags: 16 })), 'EXEC has an unknown flag'],
    ['no program', encodeFrame(HostFrame.exec, 1, exec({ argc: 0, strings: ['/'] })), 'EXEC names a program'],
    ['missing strings', encodeFrame(HostFrame.exec, 1, exec({ argc: 200 })), 'EXEC has all its strings'],
    [
      'more strings than counted',
      encodeFrame(HostFrame.exec, 1, exec({ strings: ['/', 'true', 'more'] })),
      'EXEC has all its strings and nothing else',
    ],
    [
      'an environment that is none',
      encodeFrame(HostFrame.exec, 1, exec({ envc: 1, strings: ['/', 'true', 'X'] })),
      'an environment string is NAME=value',
    ],
    [
      'too much credit',
      encodeFrame(HostFrame.exec, 1, exec({ credit: 2 ** 30 + 1 })),
      'outstanding credit is at most 1 GiB',
    ],
    [
      'too much credit in all',
      Buffer.concat([sleeping, encodeFrame(HostFrame.credit, 1, Buffer.concat([u32(1), u32(2 ** 30)]))]),
      'outstanding credit is at most 1 GiB',
    ],
    [
      'credit for a stream that is none',
      encodeFrame(HostFrame.credit, 1, Buffer.concat([u32(4), u32(1)])),
      'CREDIT names stream 1, 2 or 3',
    ],
    [
      'stdin that was not granted',
      Buffer.concat([sleeping, encodeFrame(HostFrame.stdin, 1, Buffer.from('x'))]),
      'STDIN stays within its credit',
    ],
    ['a signal that is none', encodeFrame(HostFrame.signal, 1, u32(65)), 'a signal number is 1 to 64'],
    [
      'parts of two execs mixed',
      Buffer.concat([1, 2].map((id) => encodeFrame(HostFrame.execPart, id, Buffer.from('x')))),
      'the parts of one EXEC come in a row',
    ],
    [
      'parts beyond 1 MiB',
      Buffer.concat(
        Array.from({ length: 33 }, () => encodeFrame(HostFrame.execPart, 1, Buffer.alloc(32_756))),
      ),
      'an EXEC has at most 1 MiB in all',
    ],
    [
      'a path without its NUL',
      encodeFrame(HostFrame.readFile, 1, Buffer.from('/etc')),
      'a path ends with NUL',
    ],
    [
      'a mount with a string too few',
      encodeFrame(HostFrame.mount, 1, Buffer.from('\0\0\0\0a\0b\0c\0')),
      'MOUNT is flags and four strings',
    ],
    [
      'a 65th exec',
      Buffer.concat(
        Array.from({ length: 65 }, (_, i) =>
          encodeFrame(HostFrame.exec, i + 1, exec({ argc: 2, strings: ['/', 'sleep', '1000'] })),
        ),
      ),
      'at most 64 execs at a time',
    ],
  ])('%s', async (_, sent, rule) => {
    await using hosted = await serveGuest(guest);
    const frames: Frame[] = [];
    const decoder = new FrameDecoder();
    hosted.socket.on('data', (chunk: Buffer) => decoder.push(chunk, (frame) => frames.push(frame)));
    hosted.socket.write(sent);
    await once(hosted.socket, 'end');
    const last = frames.at(-1);
    expect({ type: last?.type, rule: last?.payload.toString() }).toEqual({
      type: GuestFrame.protocolError,
      rule: `${rule}\0`,
    });
    expect(await hosted.exited).toEqual({ code: 3, signal: null });
  });
});
