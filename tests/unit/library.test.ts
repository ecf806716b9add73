import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as library from '../../src/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const functions = Object.entries(library)
  .filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name))
  .map(([name]) => name);

it('has every function of the library in its page, and nothing else', () => {
  const page = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
  const table = page.split('\n').filter((line) => line.startsWith('| `'));
  const named = table.flatMap((line) =>
    [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(named.toSorted()).toEqual(functions.toSorted());
});

it('says of every function of the library what it does', () => {
  const source = readFileSync(join(ROOT, 'src/index.ts'), 'utf8');
  const undocumented = functions.filter(
    (name) =>
      name !== 'defineConfig' &&
      !new RegExp(`\\*/\nexport (?:const|async function\\*) ${name}\\b`).test(source),
  );
  expect(undocumented).toEqual([]);
});
