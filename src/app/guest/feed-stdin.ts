import type { Readable } from 'node:stream';
import type { GuestProcess } from '../../vm/channel/guest-process.ts';

/**
 * Hands our standard input to a process in the guest, as fast as the process takes it, and its end too. Disposing stops
 * the feeding and lets go of standard input, so that nothing keeps waiting for a key.
 */
export function feedStdin(stdin: Readable, process: Pick<GuestProcess, 'write' | 'endStdin'>): Disposable {
  let stopped = false;
  const onData = (chunk: Buffer) => {
    stdin.pause();
    process.write(chunk).then(
      () => {
        if (!stopped) stdin.resume();
      },
      () => stop(), // The process has closed its standard input, or is gone.
    );
  };
  const onEnd = () => {
    void process.endStdin().catch(() => {});
  };
  const stop = () => {
    if (stopped) return;
    stopped = true;
    stdin.off('data', onData);
    stdin.off('end', onEnd);
    stdin.pause();
    if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  };
  stdin.on('data', onData);
  stdin.on('end', onEnd);
  return { [Symbol.dispose]: stop };
}
