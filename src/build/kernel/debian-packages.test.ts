import { expect, test } from 'vitest';
import { findKernel, parsePackages } from './debian-packages.ts';

const stanza = (name: string, more = '') =>
  `Package: ${name}\nVersion: 7.2.12-1~bpo13+1\nDescription-en: a kernel\n with: a colon\nSize: 17\nSHA256: ${'ab'.repeat(32)}\n${more}\n`;

test('the parts of a kernel are found, the package that only binds them is left out', () => {
  const release = '7.2.12+deb13-cloud-amd64';
  const names = [
    `linux-image-${release}`,
    `linux-modules-${release}`,
    `linux-binary-${release}`,
    'linux-base',
  ];
  const kernel = findKernel(parsePackages(names.map((name) => stanza(name)).join('\n')));
  expect(kernel?.release).toBe(release);
  expect(kernel?.packages.map(({ name }) => name)).toEqual([
    `linux-binary-${release}`,
    `linux-modules-${release}`,
  ]);
  expect(kernel?.packages[0]).toMatchObject({
    version: '7.2.12-1~bpo13+1',
    size: 17,
    sha256: 'ab'.repeat(32),
  });
});

test('a kernel of one package, as before Linux 6.19, is that package', () => {
  const kernel = findKernel(parsePackages(stanza('linux-image-6.12.1-cloud-amd64')));
  expect(kernel?.packages.map(({ name }) => name)).toEqual(['linux-image-6.12.1-cloud-amd64']);
});

test('no kernel is no kernel, and a stanza without a digest is not trusted', () => {
  expect(findKernel(parsePackages(''))).toBeUndefined();
  expect(parsePackages('Package: linux-image-7.2\nVersion: 1\n')).toEqual([]);
});
