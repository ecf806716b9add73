import { expect, test } from 'vitest';
import { opaqueToolchain, parseToolchain, toolchainOf } from './toolchain.ts';

const stanza = (name: string, version: string, status = 'install ok installed') =>
  `Package: ${name}\nStatus: ${status}\nPriority: optional\nVersion: ${version}\nDescription: of no matter\n Version: 0\n`;

const gcc = stanza('gcc-14', '14.2.0-19');
const libc = stanza('libc6', '2.41-12');

test('what compiles is part of it, what does not is not', () => {
  const status = [gcc, libc, stanza('tzdata', '2026a'), stanza('ccache', '4.11')].join('\n');
  expect(toolchainOf(status).packages).toEqual({ 'gcc-14': '14.2.0-19', libc6: '2.41-12' });
});

test.each([
  ...['gcc', 'cpp-14-x86-64-linux-gnu', 'clang-19', 'libllvm19', 'llvm-19', 'binutils-x86-64-linux-gnu'],
  ...[
    'libelf1t64',
    'libelf-dev',
    'libdw1t64',
    'libbpf1',
    'pahole',
    'make',
    'flex',
    'bison',
    'bc',
    'perl-base',
  ],
  ...[
    'python3.13-minimal',
    'libpython3.13-stdlib',
    'libssl3t64',
    'lz4',
    'liblz4-1',
    'xz-utils',
    'kmod',
    'mawk',
  ],
])('%s can change a byte', (name) => {
  expect(Object.keys(toolchainOf(stanza(name, '1')).packages)).toEqual([name]);
});

test('the digest is that of names and versions, not of their order', () => {
  const { digest } = toolchainOf([gcc, libc].join('\n'));
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(toolchainOf([libc, gcc].join('\n')).digest).toBe(digest);
  expect(toolchainOf([libc, gcc.replace('-19', '-20')].join('\n')).digest).not.toBe(digest);
});

test('a package that was removed is not there', () => {
  const removed = stanza('gcc-14', '14.2.0-19', 'deinstall ok config-files');
  expect(toolchainOf([removed, libc].join('\n'))).toEqual(toolchainOf(libc));
});

test('it comes back from the label it was written to', () => {
  const toolchain = toolchainOf([gcc, libc].join('\n'));
  expect(parseToolchain(JSON.stringify(toolchain.packages))).toEqual(toolchain);
  for (const label of [undefined, '', '[]x', '"x"', 'null', '{"gcc":14}'])
    expect(parseToolchain(label)).toBeUndefined();
});

test('an image that does not say what it holds is told by itself', () => {
  expect(opaqueToolchain('sha256:a').digest).not.toBe(opaqueToolchain('sha256:b').digest);
});
