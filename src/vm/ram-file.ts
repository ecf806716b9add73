import { randomBytes } from 'node:crypto';
import { rmSync, statfsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { formatBytes } from '../core/units.ts';
import type { Lease } from '../platform/lease.ts';
import { cacheDir } from '../platform/paths.ts';

/** A file that is a guest's memory. QEMU and a file-sharing daemon map it; it goes with the last that does. */
export interface RamFile extends AsyncDisposable {
  readonly path: string;
  readonly file: FileHandle;
  /** Takes the name away, once QEMU has the file open. */
  unlink(): void;
}

const SHARED_MEMORY = '/dev/shm';

/**
 * Makes an empty one of `bytes`, in memory where that has room, else on the disk of the cache. Throws `Failure`
 * infrastructure/no-room-for-ram when neither has.
 */
export async function createRamFile(bytes: number, lease: Lease): Promise<RamFile> {
  const dir = [SHARED_MEMORY, lease.dir, cacheDir()].find((candidate) => freeBytes(candidate) >= bytes);
  if (dir === undefined) {
    throw new Failure({
      kind: 'infrastructure',
      code: 'no-room-for-ram',
      message: `There is no room for ${formatBytes(bytes)} of guest memory in ${SHARED_MEMORY} or in ${cacheDir()}.`,
    });
  }
  const path = join(dir, `devbox-ram-${randomBytes(8).toString('hex')}`);
  lease.addFile(path);
  const unlink = () => rmSync(path, { force: true });
  const file = await open(path, 'wx+', 0o600);
  try {
    await file.truncate(bytes);
  } catch (error) {
    unlink();
    await file.close();
    throw error;
  }
  return {
    ...{ path, file, unlink },
    [Symbol.asyncDispose]: async () => {
      unlink();
      await file.close();
    },
  };
}

function freeBytes(dir: string): number {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
