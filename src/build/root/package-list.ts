import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../platform/paths.ts';

/** The Debian release that images/ builds on; the Dockerfiles name the same. */
export const SUITE = 'trixie';

export interface ImageDescription {
  readonly packages: readonly string[];
  /** Path patterns that dpkg leaves out. */
  readonly excludes: readonly string[];
}

/** Reads images/NAME. */
export function readImageDescription(name: 'build' | 'guest'): ImageDescription {
  const dir = join(projectRoot, 'images', name);
  return {
    packages: parseList(readFileSync(join(dir, 'packages'), 'utf8')),
    excludes: parseList(readFileSync(join(dir, 'excludes'), 'utf8')),
  };
}

/** One item a line; `#` begins a comment line. Sorted, so that order does not change a key. */
export function parseList(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== '' && !line.startsWith('#')))].sort();
}
