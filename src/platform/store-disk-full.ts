import { statfsSync } from 'node:fs';
import { Failure } from '../core/failure.ts';
import { formatBytes } from '../core/units.ts';

/** Free bytes on the file system that holds `dir`, for a user without special rights. */
export function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}

/** `needed` bytes, when the maker of an artifact could tell. */
export function diskFull(dir: string, needed: number | undefined, cause?: unknown): Failure {
  const free = freeBytes(dir);
  const need = needed === undefined ? '' : `, ${formatBytes(needed)} needed`;
  return new Failure({
    kind: 'infrastructure',
    code: 'disk-full',
    message: `The disk that holds ${dir} is full: ${formatBytes(free)} free${need}.`,
    hint: 'Make room, run `devbox gc`, or set DEVBOX_CACHE to a directory on a larger disk.',
    cause,
  });
}

/** Throws `Failure` infrastructure/disk-full before work starts that cannot end well. */
export function requireFree(dir: string, needed: number): void {
  if (freeBytes(dir) < needed) throw diskFull(dir, needed);
}

export function isDiskFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
