import { expect, test } from 'vitest';
import { backportsLines } from './backports.ts';
import { mirrorHint } from './debootstrap.ts';
import { debootstrapArgs } from './debootstrap-args.ts';
import { freeRange, hasSubordinateIds } from './debootstrap-mode.ts';
import { parseList, readImageDescription } from './package-list.ts';

test('a list is one item a line, without comments, in an order of its own', () => {
  expect(parseList('# why\n b \n\na\n#c\nb\n')).toEqual(['a', 'b']);
});

test.each(['build', 'guest'] as const)(
  'every package of the %s image has a name that Debian allows',
  (name) => {
    const { packages, excludes } = readImageDescription(name);
    expect(packages.filter((item) => !/^[a-z0-9][a-z0-9+.-]+$/.test(item))).toEqual([]);
    expect(excludes.filter((item) => !item.startsWith('/'))).toEqual([]);
  },
);

test('no mirror is named to mmdebstrap', () => {
  const args = debootstrapArgs({ packages: ['gcc', 'make'], excludes: ['/usr/share/doc/*'] }, 'unshare');
  expect(args.slice(-3)).toEqual(['--include=gcc,make', 'trixie', '-']);
  expect(args).toContain('--dpkgopt=path-exclude=/usr/share/doc/*');
  expect(args.join(' ')).not.toMatch(/https?:/);
});

test('backports come from the mirror that the root came from', () => {
  const list = `deb http://mirror.example/debian trixie main
deb [signed-by="/x y"] http://mirror.example/debian trixie-updates main
deb [signed-by=/x] http://other.example/debian trixie main contrib
deb-src http://mirror.example/debian trixie main`;
  expect(backportsLines(list, 'trixie')).toEqual([
    'deb http://mirror.example/debian trixie-backports main',
    'deb [signed-by=/x] http://other.example/debian trixie-backports main contrib',
  ]);
});

test('subordinate ids count by name or number, and only enough of them', () => {
  const text = 'ann:100000:65536\n1001:165536:65536\nbob:231072:1000\n# junk\n';
  expect(hasSubordinateIds(text, 'ann', 1000)).toBe(true);
  expect(hasSubordinateIds(text, 'cid', 1001)).toBe(true);
  expect(hasSubordinateIds(text, 'bob', 1002)).toBe(false);
  expect(hasSubordinateIds('', 'ann', 1000)).toBe(false);
  expect(freeRange(text)).toBe('232072-297607');
  expect(freeRange('')).toBe('100000-165535');
});

test.each([
  ["E: Could not resolve 'mirror.example'", /check the network/],
  ["E: The following signatures couldn't be verified: NO_PUBKEY 0E98", /debian-archive-keyring/],
  ['E: Failed to fetch x.deb  Hash Sum mismatch', /try again/],
])('%s has a hint', (line, hint) => {
  expect(mirrorHint([line])).toMatch(hint);
});
