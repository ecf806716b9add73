import { describe, expect, it } from 'vitest';
import type { SourcePin } from '../kernel-source/source.ts';
import { specOf } from './selftest-source.ts';

describe('what a kernel was built from', () => {
  it('is where its selftests come from, whatever kind of source it was', () => {
    const debian = { package: 'linux-source-6.12', suite: 'trixie', version: '6.12.117-1' };
    const pins: readonly SourcePin[] = [
      { kind: 'debian-source', ...debian, sha256: 'ab', size: 3 },
      { kind: 'git', url: 'https://host/linux.git', ref: 'v6.12', commit: 'adc2' },
      { kind: 'tarball', location: '/linux.tar.xz', sha256: 'cd' },
      { kind: 'tree', path: '/home/linux', tree: 'ef' },
    ];
    expect(pins.map(specOf)).toEqual([
      { kind: 'debian-source', ...debian },
      { kind: 'git', url: 'https://host/linux.git', ref: 'v6.12' },
      { kind: 'tarball', location: '/linux.tar.xz', sha256: 'cd' },
      { kind: 'tree', path: '/home/linux' },
    ]);
  });
});
