import { expect, test } from 'vitest';
import { findKernels, versionOf } from './debian-packages.ts';

const FLAVOUR = 'cloud-amd64';

const stanza = (name: string, depends = '') =>
  `Package: ${name}\nVersion: 7.2.12-1~bpo13+1\nDescription-en: a kernel\n with: a colon\nDepends: ${depends}\nSize: 17\nSHA256: ${'ab'.repeat(32)}\n\n`;

const image = (release: string) =>
  stanza(
    `linux-image-${release}`,
    `kmod, linux-base-${release} (= 1), linux-binary-${release} (= 1) | linux-binary-unsigned-${release} (= 1), linux-modules-${release} (= 1)`,
  );

const whole = (release: string) =>
  image(release) + ['base', 'binary', 'modules'].map((part) => stanza(`linux-${part}-${release}`)).join('');

const names = (text: string) => findKernels(text, FLAVOUR).map(({ release }) => release);

test('the parts of a kernel are found, the package that only binds them is left out', () => {
  const [kernel] = findKernels(whole('7.2.12+deb13-cloud-amd64'), FLAVOUR);
  expect(kernel?.packages.map(({ name }) => name)).toEqual([
    'linux-base-7.2.12+deb13-cloud-amd64',
    'linux-binary-7.2.12+deb13-cloud-amd64',
    'linux-modules-7.2.12+deb13-cloud-amd64',
  ]);
  expect(kernel?.packages[0]).toEqual({
    name: 'linux-base-7.2.12+deb13-cloud-amd64',
    version: '7.2.12-1~bpo13+1',
    size: 17,
    sha256: 'ab'.repeat(32),
  });
});

test('a kernel of one package, as before Linux 6.19, is that package, whatever else it depends on', () => {
  const text = stanza('linux-image-6.18.15+deb13-cloud-amd64', 'linux-base-6.18.15+deb13-cloud-amd64 (= 1)');
  expect(findKernels(text, FLAVOUR)[0]?.packages.map(({ name }) => name)).toEqual([
    'linux-image-6.18.15+deb13-cloud-amd64',
  ]);
});

test('the newest comes first: versions are compared by their numbers', () => {
  const releases = ['7.2.9+deb13-cloud-amd64', '6.19.14+deb13-cloud-amd64', '7.2.12+deb13-cloud-amd64'];
  expect(names(releases.map(whole).join(''))).toEqual([
    '7.2.12+deb13-cloud-amd64',
    '7.2.9+deb13-cloud-amd64',
    '6.19.14+deb13-cloud-amd64',
  ]);
});

test('a kernel whose modules the suite keeps no longer is none', () => {
  const release = '7.1.13+deb13-cloud-amd64';
  expect(names(image(release) + stanza(`linux-binary-${release}`))).toEqual([]);
});

test('of other flavours nothing is taken, though their names end alike', () => {
  const text = whole('7.2.12+deb13-cloud-amd64') + whole('7.2.12+deb13-amd64');
  expect(findKernels(text, 'amd64').map(({ release }) => release)).toEqual(['7.2.12+deb13-amd64']);
});

test('no kernel is no kernel, and a stanza without a digest is not trusted', () => {
  expect(names('')).toEqual([]);
  expect(names('Package: linux-image-7.2-cloud-amd64\nVersion: 1\n')).toEqual([]);
});

test.each([
  ['7.2.12+deb13-cloud-amd64', '7.2.12'],
  ['6.18~rc1-cloud-amd64', '6.18'],
  ['odd', 'odd'],
])('the version of %s is %s', (release, version) => {
  expect(versionOf(release)).toBe(version);
});
