import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Standard output or error, as renderers use it. */
export interface Output {
  readonly isTty: boolean;
  /** Returns a promise when the reader is slow: whoever produces bulk output waits for it. Drops what nobody reads. */
  write(data: string | Uint8Array): void | Promise<void>;
  /** Resolves when all was taken by the system, or the reader has gone. */
  flush(): Promise<void>;
}

export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
}

/**
 * Wraps a stream that may lose its reader at any time (`| head`, a closed terminal): from then on everything is dropped
 * and `onBroken` is called once.
 */
export function createOutput(stream: OutputStream, onBroken: () => void = () => {}): Output {
  const broken = new AbortController();
  const isBroken = () => broken.signal.aborted;
  const breakDown = () => {
    if (isBroken()) return;
    broken.abort();
    onBroken();
  };
  stream.on('error', breakDown);
  const drained = async () => {
    try {
      await once(stream, 'drain', { signal: broken.signal });
    } catch {
      // The reader has gone: there is nothing left to wait for.
    }
  };
  let waiting: Promise<void> | undefined;
  return {
    isTty: stream.isTTY === true,
    write: (data) => {
      if (isBroken() || data.length === 0) return;
      if (stream.write(data)) return;
      waiting ??= drained().finally(() => {
        waiting = undefined;
      });
      return waiting;
    },
    flush: () =>
      new Promise((resolve) => {
        if (isBroken()) return resolve();
        broken.signal.addEventListener('abort', () => resolve(), { once: true });
        stream.write('', () => resolve());
      }),
  };
}
