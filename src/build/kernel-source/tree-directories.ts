import { createHash } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What is no part of a tree, at its top. */
const NOT_OURS = ['.git', '.devbox'];
/** Of what was changed this shortly ago the time need not change when it is changed once more. Milliseconds. */
const TICK_MS = 100;

/** Every directory of a tree, by its path from the top, which is the first and empty. */
export function directoriesOf(top: string): string[] {
  const found = [''];
  // Grows while it is gone through.
  for (const path of found) {
    for (const item of readdirSync(join(top, path), { withFileTypes: true })) {
      if (!item.isDirectory() || (path === '' && NOT_OURS.includes(item.name))) continue;
      found.push(path === '' ? item.name : `${path}/${item.name}`);
    }
  }
  return found;
}

/**
 * Is the same as long as no file has come into any of the directories, or gone; a file that was written to makes no
 * difference. Undefined when one is not there, or changes now.
 */
export function directoriesStamp(top: string, directories: readonly string[]): string | undefined {
  const hash = createHash('sha256');
  const settled = BigInt(Date.now() - TICK_MS) * 1_000_000n;
  for (const path of directories) {
    const stat = lstatSync(join(top, path), { bigint: true, throwIfNoEntry: false });
    if (!stat?.isDirectory() || stat.ctimeNs > settled) return undefined;
    hash.update(`${stat.ino}:${stat.mtimeNs}:${stat.ctimeNs}:${path}\0`);
  }
  return hash.digest('hex');
}
