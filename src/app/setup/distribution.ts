import { readFileSync } from 'node:fs';

export type DistributionFamily = 'debian' | 'fedora' | 'arch' | 'suse' | 'other';

export interface Distribution {
  readonly family: DistributionFamily;
  /** As it calls itself: `Debian GNU/Linux 13 (trixie)`. */
  readonly name: string;
}

const FAMILIES: Readonly<Record<string, DistributionFamily>> = {
  debian: 'debian',
  ubuntu: 'debian',
  fedora: 'fedora',
  rhel: 'fedora',
  centos: 'fedora',
  arch: 'arch',
  suse: 'suse',
  opensuse: 'suse',
};

/** From the text of os-release(5). ID comes before ID_LIKE, which names relatives, nearest first. */
export function parseOsRelease(text: string): Distribution {
  const values = new Map<string, string>();
  for (const textLine of text.split('\n')) {
    const match = /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(textLine.trim());
    if (match?.[1]) values.set(match[1], match[2] ?? match[3] ?? match[4] ?? '');
  }
  const ids = [values.get('ID') ?? '', ...(values.get('ID_LIKE') ?? '').split(/\s+/)];
  const family = ids
    .map((id) => FAMILIES[id] ?? FAMILIES[id.split('-')[0] ?? ''])
    .find((found) => found !== undefined);
  return {
    family: family ?? 'other',
    name: values.get('PRETTY_NAME') ?? values.get('ID') ?? 'this distribution',
  };
}

export function thisDistribution(): Distribution {
  for (const file of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      return parseOsRelease(readFileSync(file, 'utf8'));
    } catch {
      // The second place is there for when the first is not.
    }
  }
  return { family: 'other', name: 'this distribution' };
}
