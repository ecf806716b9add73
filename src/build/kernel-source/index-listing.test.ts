import { expect, it } from 'vitest';
import { absentFrom, differingEntries, submodulesIn } from './index-listing.ts';

const id = (digit: string) => digit.repeat(40);
const entry = (path: string, value = `100644 ${id('a')} 0`) => `${value}\t${path}\0`;
const listing = (...entries: string[]) => Buffer.from(entries.join(''), 'latin1');
const differing = (theirs: Buffer, ours: Buffer) => differingEntries(theirs, ours).toString('latin1');

it('tells entries that are not there, or not the same, by their paths', () => {
  const changed = entry('b/c', `100644 ${id('b')} 0`);
  const theirs = listing(entry('a'), entry('b\ttab\nline'), changed, entry('d'), entry('z\xff'));
  const ours = listing(entry('0'), entry('a'), entry('b/c'), entry('c'), entry('z\xff'));
  expect(differing(theirs, ours)).toBe(entry('b\ttab\nline') + changed + entry('d'));
  expect(differing(theirs, theirs)).toBe('');
  expect(differing(theirs, listing())).toBe(theirs.toString('latin1'));
  expect(differing(listing(), ours)).toBe('');
});

it('leaves out submodules, conflicts and ids of another length', () => {
  const theirs = listing(
    entry('a', `160000 ${id('a')} 0`),
    entry('b', `100644 ${id('a')} 1`),
    entry('b', `100644 ${id('b')} 2`),
    entry('c', `100644 ${'a'.repeat(64)} 0`),
    entry('d', `120000 ${id('a')} 0`),
  );
  expect(differing(theirs, listing())).toBe(entry('d', `120000 ${id('a')} 0`));
});

it('tells which paths a listing does not have, and takes one that is cut short for what it has', () => {
  const has = listing(entry('a'), entry('b\xe4'));
  expect(absentFrom(has, ['b\xe4', 'c', 'a'])).toEqual(['c']);
  expect(absentFrom(has.subarray(0, -1), ['a', 'b\xe4'])).toEqual(['b\xe4']);
});

it('finds repositories within the listed one', () => {
  const has = listing(
    entry('a'),
    entry('b c', `160000 ${id('a')} 0`),
    entry('d', `160000 commit ${id('b')}`),
  );
  expect(submodulesIn(has)).toEqual(['b c', 'd']);
  expect(submodulesIn(listing(entry('a')))).toEqual([]);
});
