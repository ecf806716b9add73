import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../src/platform/paths.ts';

/** Makes `dir` a cache (DEVBOX_CACHE) that has all that this machine's has in its store but kernels. Returns its store. */
export function cacheWithoutKernels(dir: string): string {
  const [from, store] = [join(cacheDir(), 'store'), join(dir, 'store')];
  mkdirSync(store, { recursive: true });
  if (!existsSync(from)) return store;
  for (const kind of readdirSync(from).filter((name) => !/^\.|^kernel$/.test(name)))
    symlinkSync(join(from, kind), join(store, kind));
  return store;
}
