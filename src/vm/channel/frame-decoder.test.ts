import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, type Frame, MAX_PAYLOAD_BYTES } from './frame.ts';
import { FrameDecoder } from './frame-decoder.ts';

function decode(chunks: readonly Buffer[]): Frame[] {
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  for (const chunk of chunks) decoder.push(chunk, (frame) => frames.push(frame));
  return frames;
}

const frameArbitrary = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  id: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

describe('a frame decoder', () => {
  it('gives back every frame, however the stream is cut into chunks', () => {
    const property = fc.property(
      fc.array(frameArbitrary, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
      (frames, cuts) => {
        const stream = Buffer.concat(frames.map(({ type, id, payload }) => encodeFrame(type, id, payload)));
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = cuts[i % cuts.length] ?? 1;
          chunks.push(stream.subarray(at, at + size));
          at += size;
        }
        expect(decode(chunks)).toEqual(frames);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('hands over a payload within one chunk without copying it', () => {
    const chunk = encodeFrame(0x82, 1, Buffer.alloc(1000, 7));
    expect(decode([chunk])[0]?.payload.buffer).toBe(chunk.buffer);
  });

  it('takes the largest payload', () => {
    const payload = Buffer.alloc(MAX_PAYLOAD_BYTES, 1);
    expect(decode([encodeFrame(0x82, 9, payload)])).toEqual([{ type: 0x82, id: 9, payload }]);
  });

  it('refuses a longer payload at its header, before any of it has come', () => {
    const header = Buffer.alloc(12);
    header.writeUInt32LE(MAX_PAYLOAD_BYTES + 1, 0);
    expect(() => decode([header])).toThrow('a payload has at most 32756 bytes (32757 bytes)');
  });

  it.each([5, 6, 7])('refuses a header whose reserved byte %i is not 0', (at) => {
    const frame = encodeFrame(0x82, 1);
    frame[at] = 1;
    expect(() => decode([frame])).toThrow('flags and reserved are 0');
  });
});
