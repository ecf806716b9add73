import { describe, expect, it } from 'vitest';
import { OutputStream } from './output-stream.ts';

function open(windowBytes = 64 * 1024) {
  const grants: number[] = [];
  return { grants, stream: new OutputStream(windowBytes, (bytes) => grants.push(bytes)) };
}

async function readAll(stream: OutputStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('an output stream', () => {
  it('gives the bytes in order, small payloads and large ones', async () => {
    const { stream } = open(2 ** 20);
    const payloads = [1, 5000, 20_000, 3, 4, 30_000, 16_383, 16_384, 9].map((size, i) =>
      Buffer.alloc(size, i + 1),
    );
    for (const payload of payloads) stream.receive(payload);
    stream.end();
    expect((await readAll(stream)).equals(Buffer.concat(payloads))).toBe(true);
  });

  it('grants nothing back while nobody reads', () => {
    const { stream, grants } = open(1000);
    stream.receive(Buffer.alloc(1000));
    expect(grants).toEqual([]);
  });

  it('grants back what was pulled, a quarter of its window at a time', async () => {
    const { stream, grants } = open(100_000);
    for (let i = 0; i < 5; i++) stream.receive(Buffer.alloc(20_000));
    await stream.next();
    expect(grants).toEqual([]);
    await stream.next();
    expect(grants).toEqual([40_000]);
  });

  it('refuses output beyond its credit', () => {
    const { stream } = open(1000);
    stream.receive(Buffer.alloc(900));
    expect(() => stream.receive(Buffer.alloc(101))).toThrow(
      'output stays within its credit (101 bytes with credit 100)',
    );
  });

  it('keeps one block, not one chunk of the socket, for many small payloads', async () => {
    const { stream } = open(64 * 1024);
    for (let i = 0; i < 1000; i++) stream.receive(Buffer.alloc(2 ** 20).subarray(0, 10));
    const { value } = await stream.next();
    expect(value?.length).toBe(10_000);
    expect(value?.buffer.byteLength).toBe(32 * 1024);
  });

  it('lets go of what comes after its consumer has stopped', async () => {
    const { stream, grants } = open(1000);
    stream.receive(Buffer.alloc(10));
    for await (const _ of stream) break;
    stream.receive(Buffer.alloc(900));
    expect(grants).toEqual([910]);
  });

  it('wakes a consumer that waits when it is discarded', async () => {
    const { stream } = open();
    const next = stream.next();
    stream.discard();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('gives what it has before it rejects with the cause', async () => {
    const { stream } = open();
    stream.receive(Buffer.from('last words'));
    stream.fail(new Error('gone'));
    expect(Buffer.from((await stream.next()).value ?? []).toString()).toBe('last words');
    await expect(stream.next()).rejects.toThrow('gone');
  });
});
