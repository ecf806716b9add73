import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeFrame, GuestFrame, HostFrame } from '../../src/vm/channel/frame.ts';
import { FrameDecoder } from '../../src/vm/channel/frame-decoder.ts';
import { u32 } from '../../src/vm/channel/payload.ts';
import { type BuiltGuest, buildGuest, type HostedGuest, serveGuest } from '../support/hosted-guest.ts';
import { seededRandom } from '../support/seeded-random.ts';

const FRAMES = 100_000;
const FRAMES_PER_SESSION = 500;
/** Of a build with AddressSanitizer, whose own share is most of it. */
const MAX_RESIDENT_KIB = 96 * 1024;

let guest: BuiltGuest;
beforeAll(async () => {
  guest = await buildGuest(['CFLAGS=-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all', 'LINK=']);
});
afterAll(() => guest[Symbol.asyncDispose]());

const random = seededRandom(20_260_102);
const IDS = 6;

function exec(id: number, flags: number, credit: number, ...argv: string[]): Buffer {
  const strings = ['', ...argv, 'A=b'].map((string) => `${string}\0`).join('');
  const counts = Buffer.from([argv.length, 0, 1, 0]);
  return encodeFrame(
    HostFrame.exec,
    id,
    Buffer.concat([u32(flags), u32(0x0050_0018), u32(credit), counts, Buffer.from(strings)]),
  );
}

/** What a host may send, for ids that are free, taken or gone. Paths are relative: the guest runs in a directory of its own. */
function sensible(): Buffer {
  const id = 1 + random.below(IDS);
  const newId = 1000 + random.below(2 ** 20);
  switch (random.below(17)) {
    case 0:
      return exec(newId, random.below(16), random.below(5000), '/bin/echo', 'x'.repeat(random.below(3000)));
    case 1:
      return exec(newId, 2, 1000, '/nonsense');
    case 2:
      return encodeFrame(
        HostFrame.execPart,
        newId,
        exec(1, 0, 10, '/bin/true').subarray(12, 12 + random.below(20) + 1),
      );
    case 3:
    case 4:
      return encodeFrame(HostFrame.stdin, id, Buffer.alloc(random.below(2000), 0x61));
    case 5:
      return encodeFrame(HostFrame.stdinEof, newId);
    case 6:
      return encodeFrame(HostFrame.signal, newId, u32(1 + random.below(64)));
    case 7:
      return encodeFrame(HostFrame.resize, id, u32(random.below(2 ** 31)));
    case 8:
    case 9:
      return encodeFrame(
        HostFrame.credit,
        id,
        Buffer.concat([u32(1 + random.below(3)), u32(random.below(5000))]),
      );
    case 10:
      return encodeFrame(HostFrame.readFile, newId, Buffer.from('file\0'));
    case 11:
      return encodeFrame(HostFrame.writeFile, newId, Buffer.from('file\0content'));
    case 12:
      return encodeFrame(HostFrame.mount, newId, Buffer.from('\0\0\0\0none\0mnt\0tmpfs\0\0'));
    case 13:
      return encodeFrame(HostFrame.syncClock, newId, Buffer.alloc(8, 1));
    case 14:
      return encodeFrame(HostFrame.resume, newId, Buffer.alloc(40));
    case 15:
      return encodeFrame(HostFrame.vitals, newId);
    default:
      return encodeFrame(HostFrame.ping, newId);
  }
}

function next(harm: number): Buffer {
  const frame = Buffer.from(sensible());
  if (random.below(1000) >= harm) return frame;
  switch (random.below(3)) {
    case 0:
      return random.bytes(random.below(200));
    case 1:
      return frame.subarray(0, random.below(frame.length));
    default:
      for (let i = 0; i <= random.below(3); i++) frame[random.below(frame.length)] = random.below(256);
      return frame;
  }
}

/** Sessions end by a rule, by our hanging up, or by the fuzz itself asking for a shutdown. */
async function session(hosted: HostedGuest, harm: number): Promise<number> {
  let sent = 0;
  let replies = 0;
  let over = false;
  let last: number | undefined;
  const decoder = new FrameDecoder();
  hosted.socket.on('data', (chunk: Buffer) =>
    decoder.push(chunk, ({ type }) => {
      last = type;
      replies++;
    }),
  );
  void hosted.exited.then(() => {
    over = true;
  });
  for (let id = 1; id <= IDS; id++) hosted.socket.write(exec(id, id & 3, 10_000, '/bin/cat'));
  // Credit for their stdin comes with their start; only then may they be sent anything.
  while (replies < IDS * 2 && !over) await new Promise(setImmediate);
  const pause = Math.max(1, Math.floor(random.below(40)));
  for (; sent < FRAMES_PER_SESSION && !over; sent++) {
    hosted.socket.write(next(harm));
    if (sent % pause === 0) await new Promise(setImmediate);
  }
  if (!over) expect(await residentKiB(hosted)).toBeLessThan(MAX_RESIDENT_KIB);
  hosted.socket.destroy();
  const exit = await hosted.exited;
  expect(hosted.stderr()).toBe('');
  expect(exit.signal).toBe(null);
  expect([0, 3]).toContain(exit.code);
  if (last === GuestFrame.protocolError) expect(exit.code).toBe(3);
  return sent;
}

it('100,000 random and mutated frames end in a named rule or a clean exit, with bounded memory', async () => {
  let sent = 0;
  for (let round = 0; sent < FRAMES; round++) {
    await using hosted = await serveGuest(guest);
    sent += await session(hosted, [1, 10, 100][round % 3] ?? 0);
  }
});

async function residentKiB({ child }: HostedGuest): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => 'VmHWM: 0');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
}
