import { describe, expect, it } from 'vitest';
import { missing, ok, warning } from './check.ts';
import { checkNode, checkPlatform } from './check-platform.ts';
import { checkMemory } from './check-resources.ts';
import { examineHost, isFit } from './examine-host.ts';

describe('doctor', () => {
  it('finds a machine fit as long as nothing required is missing', () => {
    expect(isFit([ok('a', 'A', ''), warning('b', 'B', '', 'mend')])).toBe(true);
    expect(isFit([ok('a', 'A', ''), missing('b', 'B', '', 'mend')])).toBe(false);
  });

  it('refuses a Node that is too old, and what is not x86-64 Linux', () => {
    expect(checkNode('20.20.2')).toMatchObject({
      status: 'missing',
      detail: expect.stringContaining('20.20.2 is too old'),
    });
    expect(checkNode('24.0.0').status).toBe('ok');
    expect(checkPlatform('linux', 'arm64').status).toBe('missing');
    expect(checkPlatform('darwin', 'x64').status).toBe('missing');
  });

  it('warns when there is not the memory for a guest', () => {
    expect(checkMemory('MemAvailable:    8000000 kB').status).toBe('ok');
    expect(checkMemory('MemAvailable:    1000000 kB')).toMatchObject({
      status: 'warning',
      fix: expect.stringContaining('--memory'),
    });
  });

  it('says for everything that is not as it should be how to mend it', async () => {
    const checks = await examineHost(new AbortController().signal);
    expect(checks.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['node', 'qemu', 'kvm', 'bubblewrap', 'disk', 'memory']),
    );
    for (const check of checks) {
      if (check.status !== 'ok') expect(check.fix).toMatch(/\S/);
    }
  });
});
