import { expect, it } from 'vitest';
import type { ConfigRequest } from '../kconfig/request.ts';
import { kernelKey } from './kernel-key.ts';

const request = (symbol: string, value: string, file = 'a.config'): ConfigRequest => ({
  symbol,
  value,
  from: { file, line: 1 },
});

const parts = {
  definition: { base: 'tinyconfig', make: {} },
  requests: [request('SMP', 'y'), request('NUMA', 'y')],
  sourceKey: 'abc',
  toolchainDigest: 'def',
};

it('does not depend on where an option is asked for', () => {
  const requests = [request('SMP', 'y', '/other.config'), request('NUMA', 'y')];
  expect(kernelKey({ ...parts, requests })).toBe(kernelKey(parts));
});

it('counts the last request for an option', () => {
  const overridden = [request('SMP', 'n'), ...parts.requests];
  expect(kernelKey({ ...parts, requests: overridden })).toBe(kernelKey(parts));
  const changed = [...parts.requests, request('SMP', 'n')];
  expect(kernelKey({ ...parts, requests: changed })).not.toBe(kernelKey(parts));
});

it.each([
  ['the source', { sourceKey: 'other' }],
  ['the toolchain', { toolchainDigest: 'other' }],
  ['the base', { definition: { base: 'defconfig', make: {} } }],
  ['a variable of make', { definition: { base: 'tinyconfig', make: { LLVM: '1' } } }],
])('changes with %s', (_what, change) => {
  expect(kernelKey({ ...parts, ...change })).not.toBe(kernelKey(parts));
});
