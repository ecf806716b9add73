import { describe, expect, it } from 'vitest';
import { newestNotAfter } from './debian-source-of-release.ts';

const best = (release: string, ...names: readonly string[]) => newestNotAfter(release, names, (name) => name);

describe('the source that Debian has of a kernel', () => {
  it('is of its series when there is one', () => {
    const packages = ['linux-source-6.12', 'linux-source-6.18', 'linux-source-7.2'];
    expect(best('6.18.15+deb13-cloud-amd64', ...packages)).toBe('linux-source-6.18');
    expect(best('7.2.12', ...packages)).toBe('linux-source-7.2');
  });

  it('is the newest that is not newer, else', () => {
    expect(best('6.18.15', 'linux-source-6.9', 'linux-source-6.12', 'linux-source-7.2')).toBe(
      'linux-source-6.12',
    );
    expect(best('5.11.0', 'linux-source-6.12', 'linux-source-7.2')).toBeUndefined();
  });

  it('is of its version, or of the one before, as long as that is there', () => {
    const versions = ['7.2.12-1~bpo13+1', '7.2.11-1~bpo13+1', '7.2.9-1~bpo13+1'];
    expect(best('7.2.11+deb13-cloud-amd64', ...versions)).toBe('7.2.11-1~bpo13+1');
    expect(best('7.2.10', ...versions)).toBe('7.2.9-1~bpo13+1');
    expect(best('7.2', ...versions)).toBeUndefined();
  });
});
