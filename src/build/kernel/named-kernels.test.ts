import { expect, test } from 'vitest';
import { listNamedKernels, parseNamedKernel } from './named-kernels.ts';

test('every description in kernel-configs/ is whole, and scx is there', () => {
  expect(listNamedKernels().map(({ name }) => name)).toContain('scx');
});

test.each([
  ['{"source":"debian"}', /"description" must be text/],
  ['{"description":"d","source":"tarball","suite":"s","flavour":"f"}', /unknown source "tarball"/],
  ['{"sources":"debian"}', /unknown field "sources"/],
])('a bad description %s is named', (text, named) => {
  expect(() => parseNamedKernel('x.json', text)).toThrow(named);
});
