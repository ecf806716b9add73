import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseSource } from './parse-source.ts';

const SHA = 'ab'.repeat(32);
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-parse-'));
  for (const name of ['linux', 'odd#name', 'x.tar']) mkdirSync(join(dir, name));
});
afterAll(() => rmSync(dir, { recursive: true }));

it.each<[string, object]>([
  ['debian:linux-source-6.12', { kind: 'debian-source', package: 'linux-source-6.12', suite: 'trixie' }],
  [
    'debian:linux-source-6.12=6.12.94-1',
    { kind: 'debian-source', package: 'linux-source-6.12', suite: 'trixie', version: '6.12.94-1' },
  ],
  [
    'debian:linux-source-7.3',
    { kind: 'debian-source', package: 'linux-source-7.3', suite: 'trixie-backports' },
  ],
  [
    'debian:sid/linux-source-7.4=7.4.1-1~exp1',
    { kind: 'debian-source', package: 'linux-source-7.4', suite: 'sid', version: '7.4.1-1~exp1' },
  ],
  ['git+https://host/repo#v6.12', { kind: 'git', url: 'https://host/repo', ref: 'v6.12' }],
  ['git+file:///srv/linux#a/b', { kind: 'git', url: 'file:///srv/linux', ref: 'a/b' }],
  ['https://host/linux.git#main', { kind: 'git', url: 'https://host/linux.git', ref: 'main' }],
  ['https://host/linux.git', { kind: 'git', url: 'https://host/linux.git', ref: 'HEAD' }],
  ['git@host:me/linux.git#main', { kind: 'git', url: 'git@host:me/linux.git', ref: 'main' }],
  ['ssh://git@host/linux#main', { kind: 'git', url: 'ssh://git@host/linux', ref: 'main' }],
  [
    `https://host/linux-6.12.tar.xz#sha256=${SHA.toUpperCase()}`,
    { kind: 'tarball', location: 'https://host/linux-6.12.tar.xz', sha256: SHA },
  ],
  [
    `https://host/get?v=6.12#sha256=${SHA}`,
    { kind: 'tarball', location: 'https://host/get?v=6.12', sha256: SHA },
  ],
])('%s', (text, spec) => {
  expect(parseSource(text, dir)).toEqual(spec);
});

it('takes paths from where it is called', () => {
  expect(parseSource('linux', dir)).toEqual({ kind: 'tree', path: join(dir, 'linux') });
  expect(parseSource('./not-here', dir)).toEqual({ kind: 'tree', path: join(dir, 'not-here') });
  expect(parseSource('/abs/linux', dir)).toEqual({ kind: 'tree', path: '/abs/linux' });
  expect(parseSource(`./k.tar.gz#sha256=${SHA}`, dir)).toEqual({
    kind: 'tarball',
    location: join(dir, 'k.tar.gz'),
    sha256: SHA,
  });
});

it('takes a directory for one, whatever its name looks like', () => {
  expect(parseSource('odd#name', dir)).toEqual({ kind: 'tree', path: join(dir, 'odd#name') });
  expect(parseSource('x.tar', dir)).toEqual({ kind: 'tree', path: join(dir, 'x.tar') });
});

it.each([
  ['', /An empty source/],
  ['linx', /"linx" is no source of a kernel, and no directory here/],
  ['debian:', /names no source package/],
  ['debian:linux-image-6.12', /names no source package/],
  ['debian:linux-source-6.12=', /names no source package/],
  ['https://host/linux', /neither a Git repository nor an archive/],
  ['https://host/linux-6.12.tar.xz', /without its digest/],
  ['./k.tgz#md5=abc', /without its digest/],
  ['./k.tgz#sha256=abc', /"abc" is no SHA-256/],
  [`ftp://host/k.tar#sha256=${SHA}`, /no way to fetch an archive/],
  ['git+ext::sh%20-c%20evil#x', /cannot be fetched by git/],
  ['git+https://host/x#', /names no branch, tag or commit/],
  ['git+https://host/x#-x', /cannot be fetched by git/],
])('%s is refused, and it says why', (text, says) => {
  expect(() => parseSource(text, dir)).toThrow(says);
  expect(() => parseSource(text, dir)).toThrow(
    expect.objectContaining({ kind: 'usage', code: 'bad-source' }),
  );
});
