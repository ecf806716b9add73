import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../platform/store.ts';
import { PRODUCTS } from './build-script.ts';

/** Where in an artifact the products are. */
export const OUT = 'out';

/** The names of the cases of an artifact, in the order of the tree. */
export function caseNames(dir: string): string[] {
  return readFileSync(join(dir, OUT, PRODUCTS.cases), 'utf8')
    .split('\n')
    .filter(Boolean);
}

/** The names of all cases that were compiled here, for whichever kernel. Does not count as a use of them. */
export function compiledCases(store = openStore()): string[] {
  const dirs = store
    .list()
    .filter(({ kind, damaged }) => kind === 'selftests' && !damaged)
    .map(({ kind, key }) => join(store.dir, kind, key));
  const whole = dirs.filter((dir) => existsSync(join(dir, OUT, PRODUCTS.cases)));
  return [...new Set(whole.flatMap(caseNames))].sort();
}
