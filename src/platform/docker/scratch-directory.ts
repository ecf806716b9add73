import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../paths.ts';
import { removeTree, sweepTemporary, temporaryName } from '../store-temporary.ts';

/** An empty directory for what goes to a daemon, gone when disposed of; what killed devboxes left is removed by the way. */
export function scratchDirectory(): Disposable & { readonly path: string } {
  const parent = join(cacheDir(), 'docker', 'scratch');
  mkdirSync(parent, { recursive: true });
  sweepTemporary(parent);
  const path = join(parent, temporaryName());
  mkdirSync(path, { mode: 0o700 });
  return { path, [Symbol.dispose]: () => removeTree(path) };
}
