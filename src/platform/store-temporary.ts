import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, readDirectory, thisProcess } from './store-lease.ts';

const PREFIX = '.tmp-';

/** A name for something half-made that says whose it is, so that what a killed process left can be told and removed. */
export function temporaryName(): string {
  return `${PREFIX}${thisProcess()}-${randomBytes(4).toString('hex')}`;
}

/** Removes what processes that no longer live left half-made in `dir`. Returns how many. */
export function sweepTemporary(dir: string): number {
  const dead = readDirectory(dir).filter(
    (name) => name.startsWith(PREFIX) && !isAlive(name.slice(PREFIX.length)),
  );
  for (const name of dead) removeTree(join(dir, name));
  return dead.length;
}

/** Removes a directory and all below it, directories without write permission included. */
export function removeTree(dir: string): void {
  try {
    rmSync(dir, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    openDirectories(dir);
    rmSync(dir, { recursive: true, force: true });
  }
}

function openDirectories(dir: string): void {
  if (!lstatSync(dir).isDirectory()) return;
  chmodSync(dir, 0o700);
  for (const item of readdirSync(dir, { withFileTypes: true })) {
    if (item.isDirectory()) openDirectories(join(dir, item.name));
  }
}
