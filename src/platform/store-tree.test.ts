import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { findTreeDamage, writeTreeListing } from './store-tree.ts';

let dir: string;
let tree: string;
let listing: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-tree-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  tree = join(dir, 'tree');
  listing = join(dir, 'listing');
  for (const path of ['a', 'a/b', 'a-b', 'a.d']) mkdirSync(join(tree, path), { recursive: true });
  for (const path of ['a/b/file', 'a-b/file', 'a.c', 'a0', 'a b', 'a"b', 'ä', 'A'])
    writeFileSync(join(tree, path), path);
  symlinkSync('a0', join(tree, 'link'));
  writeTreeListing(tree, listing);
});

it('lists every file, in the order of the lines', () => {
  const lines = readFileSync(listing, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(13);
  expect(lines).toEqual(lines.toSorted());
  expect(lines).toContain('"a" dir');
  expect(lines).toContain('"link" link "a0"');
  expect(lines.find((line) => line.startsWith('"a/b/file" file 644 8 '))).toBeDefined();
});

it('finds nothing wrong with a tree that is as it was', () => {
  expect(findTreeDamage(tree, listing)).toBe(undefined);
});

it.each(['A', 'a-b/file', 'ä'])('says of %s that it is not there any more', (path) => {
  rmSync(join(tree, path));
  expect(findTreeDamage(tree, listing)).toBe(`"${path}" was changed or removed`);
});

it.each(['A0', 'a/a', 'z'])('says of %s that it was added', (path) => {
  writeFileSync(join(tree, path), '');
  expect(findTreeDamage(tree, listing)).toBe(`"${path}" was added`);
});

it('names what was changed rather than what was added', () => {
  writeFileSync(join(tree, 'A0'), '');
  chmodSync(join(tree, 'a0'), 0o755);
  expect(findTreeDamage(tree, listing)).toBe('"a0" was changed or removed');
});

it('says why a tree cannot be read', () => {
  rmSync(tree, { recursive: true });
  expect(findTreeDamage(tree, listing)).toMatch(/ENOENT/);
});
