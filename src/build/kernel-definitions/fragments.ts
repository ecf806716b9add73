import { existsSync, readdirSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import { projectRoot } from '../../platform/paths.ts';

/** Where our fragments lie, and beside them the kernels that are made of them. */
export const FRAGMENTS = join(projectRoot, 'kernel-configs');

/** A fragment by its name (`debug`) or its path: absolute, of a file that exists. Throws `Failure` usage/no-such-fragment. */
export function findFragment(text: string, dir: string): string {
  const isPath = isAbsolute(text) || text.includes('/') || text.endsWith('.config');
  const named = join(FRAGMENTS, `${text}.config`);
  if (!isPath && existsSync(named)) return named;
  const path = resolve(dir, text);
  if (isPath && existsSync(path)) return path;
  const names = listFragments();
  throw new Failure({
    kind: 'usage',
    code: 'no-such-fragment',
    message: isPath
      ? `There is no configuration fragment ${path}.`
      : `There is no configuration fragment named "${text}".${didYouMean(text, names)}`,
    hint: `Known: ${names.join(', ')}. A file of your own is given by its path: ./${text.replace(/^\.\//, '')}`,
  });
}

/** Names of the fragments in kernel-configs/. */
export function listFragments(): string[] {
  const files = readdirSync(FRAGMENTS).filter((file) => file.endsWith('.config'));
  return files.map((file) => file.replace(/\.config$/, '')).sort();
}
