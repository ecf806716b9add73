import type { Readable } from 'node:stream';

/** Where a container's output goes. */
export interface OutputSink {
  /** False: it wants no more until it has called back what it was given at `whenWritten`. */
  add(chunk: Buffer, fd: 1 | 2): boolean;
  whenWritten(then: () => void): void;
}

const HEADER = 8;

/**
 * Takes a container's two streams apart: frames of a byte for the stream, three zeros, and the payload's length, 32 bits,
 * big-endian (Docker's Engine API, "attach"). A payload is handed on as it comes, however long its frame is. Resolves
 * when the stream has ended, rejects when it broke off inside a frame or is no such stream.
 */
export function demultiplex(stream: Readable, sink: OutputSink): Promise<void> {
  let header = Buffer.alloc(0);
  let left = 0;
  let fd: 1 | 2 = 1;
  const take = (chunk: Buffer): boolean => {
    let wantsMore = true;
    for (let rest = chunk; rest.length > 0; ) {
      if (left === 0) {
        const missing = HEADER - header.length;
        header = Buffer.concat([header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (header.length < HEADER) break;
        const type = header.readUInt8(0);
        if (type > 2) throw new Error(`a frame of the unknown stream ${type}`);
        fd = type === 2 ? 2 : 1;
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const payload = rest.subarray(0, left);
      left -= payload.length;
      rest = rest.subarray(payload.length);
      wantsMore = sink.add(payload, fd);
    }
    return wantsMore;
  };
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      try {
        if (take(chunk)) return;
        stream.pause();
        sink.whenWritten(() => stream.resume());
      } catch (error) {
        reject(error);
        stream.destroy();
      }
    });
    const end = () => (left > 0 || header.length > 0 ? reject(new Error('it broke off')) : resolve());
    stream.once('end', end);
    stream.once('close', end);
    stream.once('error', reject);
  });
}
