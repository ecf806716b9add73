import { existsSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { abortFailure } from '../core/failure.ts';

/** Resolves once `file` exists; its directory must exist already. Told by the kernel (inotify), not by looking again and again. */
export async function awaitFile(file: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const done = () => {
      watcher.close();
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = () => {
      done();
      reject(abortFailure(signal));
    };
    const watcher = watch(dirname(file), (_event, name) => {
      if (name === basename(file) && existsSync(file)) {
        done();
        resolve();
      }
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else if (existsSync(file)) {
      done();
      resolve();
    }
  });
}
