import { expect, it } from 'vitest';
import { exitedPayload, fakeGuest, helloPayload } from '../../../tests/support/fake-guest.ts';
import { seededRandom } from '../../../tests/support/seeded-random.ts';
import { Failure } from '../../core/failure.ts';
import { connectGuestChannel } from './connect-guest-channel.ts';
import { encodeFrame, GuestFrame } from './frame.ts';
import type { GuestChannel } from './guest-channel.ts';
import { u32 } from './payload.ts';

const FRAMES = 100_000;
const FRAMES_PER_SESSION = 400;
const MAX_BYTES = 150 * 2 ** 20;

/** What a guest may send again and again while the execs 1 and 2 run. */
const STREAM_FRAMES: readonly Buffer[] = [1, 2].flatMap((id) => [
  encodeFrame(GuestFrame.stdout, id, Buffer.alloc(500, 0x61)),
  encodeFrame(GuestFrame.stdout, id, Buffer.alloc(32_756)),
  encodeFrame(GuestFrame.stderr, id, Buffer.from('error\n')),
  encodeFrame(GuestFrame.report, id, Buffer.from('{"a":1}\n')),
  encodeFrame(GuestFrame.bulk, id, Buffer.concat([u32(1), u32(2 ** 20), u32(50_000)])),
  encodeFrame(GuestFrame.stdinCredit, id, u32(1000)),
  encodeFrame(GuestFrame.uevent, 0, Buffer.from('ACTION=add\0SUBSYSTEM=sched_ext\0')),
  encodeFrame(GuestFrame.note, 0, Buffer.concat([u32(4), Buffer.from('note\0')])),
]);

/** What it may send once, if at all; 3 and 4 are requests. */
const SINGLE_FRAMES: readonly Buffer[] = [1, 2].flatMap((id) => [
  encodeFrame(GuestFrame.started, id, u32(77)),
  encodeFrame(GuestFrame.stdinClosed, id),
  encodeFrame(GuestFrame.exited, id, exitedPayload(1)),
  encodeFrame(GuestFrame.closed, id),
  encodeFrame(GuestFrame.failed, id, Buffer.concat([u32(2), Buffer.from('exec\0')])),
  encodeFrame(GuestFrame.reply, id + 2, Buffer.concat([u32(0), Buffer.from('data')])),
  encodeFrame(GuestFrame.hello, 0, helloPayload()),
  encodeFrame(GuestFrame.protocolError, 0, Buffer.from('a rule\0')),
]);

const random = seededRandom(20_260_101);

const STARTED = [1, 2].map((id) => encodeFrame(GuestFrame.started, id, u32(77)));

/** `harm`: out of a thousand pieces, how many are mutated, cut short, out of place or random. */
function nextBytes(harm: number): Buffer {
  if (random.below(1000) >= harm) return pick(STREAM_FRAMES);
  const frame = Buffer.from(pick([...STREAM_FRAMES, ...SINGLE_FRAMES]));
  switch (random.below(4)) {
    case 0:
      return random.bytes(random.below(64));
    case 1:
      return frame.subarray(0, random.below(frame.length));
    case 2:
      return frame;
    default:
      for (let i = 0; i <= random.below(3); i++) frame[random.below(frame.length)] = random.below(256);
      return frame;
  }
}

function pick(frames: readonly Buffer[]): Buffer {
  return frames[random.below(frames.length)] as Buffer;
}

it('100,000 random and mutated frames end in a clear failure, with bounded memory', async () => {
  let sent = 0;
  let peak = 0;
  const codes = new Set<string>();
  while (sent < FRAMES) {
    const guest = fakeGuest();
    const channel = connectGuestChannel(guest.socket, {
      bulk: { read: (_, length) => Buffer.alloc(length) },
    });
    let over = false;
    void channel.closed.then(() => {
      over = true;
    });
    guest.hello();
    const waiting = useEverything(channel);
    // Few sessions would come far by themselves.
    for (let i = 0; i < 4; i++) await guest.receive();
    if (random.below(4) > 0) for (const frame of STARTED) guest.sendRaw(frame);
    const harm = [2, 20, 200][random.below(3)] ?? 0;
    for (let i = 0; i < FRAMES_PER_SESSION && !over; i++) {
      guest.sendRaw(nextBytes(harm));
      sent++;
      await new Promise(setImmediate);
    }
    guest.hangUp();
    const cause = await channel.closed;
    expect(cause).toBeInstanceOf(Failure);
    codes.add((cause as Failure).code);
    await Promise.all(waiting);
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    peak = Math.max(peak, heapUsed + arrayBuffers);
  }
  expect([...codes].toSorted()).toEqual(['guest-disconnected', 'guest-protocol', 'guest-rejected-host']);
  expect(peak).toBeLessThan(MAX_BYTES);
}, 120_000);

/** Each settles, whatever the guest does, once the connection is over. */
function useEverything(channel: GuestChannel): Promise<unknown>[] {
  const quiet = (promise: Promise<unknown>) =>
    promise.catch((error: unknown) => expect(error).toBeInstanceOf(Failure));
  const runs = [1, 2].map(async (id) => {
    const process = await channel.exec({ argv: ['x'], stdin: true, report: true });
    const reading = id === 1 ? [drain(process.stdout), drain(process.stderr), drain(process.report)] : [];
    const writing = process.write(Buffer.alloc(5000));
    await Promise.all([...reading, writing, process.exited, process.closed].map(quiet));
  });
  return [...runs, channel.readFile('/x'), channel.ping()].map(quiet);
}

async function drain(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of stream);
}
