import { describe, expect, it } from 'vitest';
import { MAX_CREDIT_BYTES, MAX_PAYLOAD_BYTES } from './frame.ts';
import { InputStream } from './input-stream.ts';

function open(exists = true) {
  const sent: string[] = [];
  const sizes: number[] = [];
  const sink = {
    sendBytes: (bytes: Uint8Array) => {
      sent.push(Buffer.from(bytes).toString());
      sizes.push(bytes.length);
    },
    sendEof: () => sent.push('EOF'),
  };
  return { sent, sizes, stream: new InputStream(sink, exists) };
}

describe('an input stream', () => {
  it('sends nothing before it was granted something', () => {
    const { stream, sent } = open();
    void stream.write(Buffer.from('early'));
    expect(sent).toEqual([]);
  });

  it('sends exactly what was granted, and keeps the order', async () => {
    const { stream, sent } = open();
    const first = stream.write(Buffer.from('abcdef'));
    const second = stream.write(Buffer.from('gh'));
    stream.grant(4);
    stream.grant(3);
    await first;
    stream.grant(1);
    await second;
    expect(sent).toEqual(['abcd', 'ef', 'g', 'h']);
  });

  it('cuts what is larger than a frame', async () => {
    const { stream, sizes } = open();
    stream.grant(100_000);
    await stream.write(Buffer.alloc(70_000));
    expect(sizes).toEqual([MAX_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES, 70_000 - 2 * MAX_PAYLOAD_BYTES]);
  });

  it('sends its end behind all that was written', async () => {
    const { stream, sent } = open();
    void stream.write(Buffer.from('abc'));
    const ended = stream.end();
    stream.grant(10);
    await ended;
    expect(sent).toEqual(['abc', 'EOF']);
    await expect(stream.write(Buffer.from('more'))).rejects.toMatchObject({ code: 'guest-stdin-closed' });
  });

  it('rejects writes that wait when the process closes its stdin', async () => {
    const { stream } = open();
    const write = stream.write(Buffer.from('unwanted'));
    stream.closedByProcess();
    await expect(write).rejects.toMatchObject({ code: 'guest-stdin-closed' });
    await expect(stream.end()).resolves.toBeUndefined();
  });

  it('takes back an aborted write and goes on with the next', async () => {
    const { stream, sent } = open();
    const abort = new AbortController();
    const first = stream.write(Buffer.from('abc'), abort.signal);
    const second = stream.write(Buffer.from('xyz'));
    stream.grant(1);
    abort.abort();
    await expect(first).rejects.toMatchObject({ kind: 'cancelled' });
    stream.grant(3);
    await second;
    expect(sent).toEqual(['a', 'xyz']);
  });

  it('refuses credit beyond 1 GiB, and any for a process without a stdin', () => {
    const { stream } = open();
    stream.grant(MAX_CREDIT_BYTES);
    expect(() => stream.grant(1)).toThrow('outstanding credit is at most 1 GiB');
    expect(() => open(false).stream.grant(1)).toThrow('only an exec with a stdin');
  });
});
