import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Scratch extends Disposable {
  readonly path: string;
}

/** A directory that is gone when it is disposed of, or the benchmark ends in the middle. */
export function scratchDirectory(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'devbox-bench-'));
  const remove = () => {
    // A cache in it has directories that cannot be written to.
    spawnSync('chmod', ['-R', 'u+w', path]);
    rmSync(path, { recursive: true, force: true });
  };
  process.once('exit', remove);
  return {
    path,
    [Symbol.dispose]: () => {
      process.off('exit', remove);
      remove();
    },
  };
}
