import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearest } from '../core/nearest.ts';
import { shellWord } from '../core/shell-word.ts';

/** More names than this are not searched for what was meant. */
const MAX_NAMES = 5000;

/**
 * What an absolute path that does not exist was most likely meant to be: the nearest name where it departs from what
 * exists. Undefined when nothing is near.
 */
export function nearPath(path: string): string | undefined {
  const parent = dirname(path);
  if (parent === path) return undefined;
  const names = namesIn(parent);
  if (names === undefined) {
    const meant = exists(parent) ? undefined : nearPath(parent);
    const whole = meant === undefined ? undefined : join(meant, basename(path));
    return whole !== undefined && exists(whole) ? whole : meant;
  }
  const found = nearest(basename(path), names);
  return found === undefined ? undefined : join(parent, found);
}

/** `Did you mean …?` as the hint for a path that does not exist, else what may be given instead. */
export function meantPath(path: string, otherwise: string): string {
  const meant = nearPath(path);
  return meant === undefined ? otherwise : `Did you mean ${shellWord(meant)}?`;
}

/** The first executable files of a directory, in the order of their names. */
export function programsIn(dir: string, most: number): string[] {
  const programs = (namesIn(dir) ?? []).toSorted().filter((name) => isProgram(join(dir, name)));
  return programs.slice(0, most).map((name) => join(dir, name));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function namesIn(dir: string): string[] | undefined {
  try {
    return readdirSync(dir).slice(0, MAX_NAMES);
  } catch {
    return undefined;
  }
}
