import { tmpdir } from 'node:os';
import { cacheDir } from './paths.ts';
import { diskFull, freeBytes, isDiskFull } from './store-disk-full.ts';

/**
 * A write that failed for lack of room, wherever it was made, is the disk's fault and no bug: as a `Failure` that names
 * the fullest of the disks devbox writes to. Any other error is returned as it is.
 */
export function explainFullDisk(error: unknown): unknown {
  if (!isDiskFull(error)) return error;
  const dirs = [cacheDir(), process.env.XDG_RUNTIME_DIR || tmpdir(), tmpdir(), process.cwd()];
  const [fullest] = dirs.map((dir) => ({ dir, free: freeOrUnknown(dir) })).sort((a, b) => a.free - b.free);
  return diskFull(fullest?.dir ?? tmpdir(), undefined, error);
}

function freeOrUnknown(dir: string): number {
  try {
    return freeBytes(dir);
  } catch {
    return Number.POSITIVE_INFINITY; // It does not exist: nothing was written to it.
  }
}
