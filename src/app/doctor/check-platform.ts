import { thisDistribution } from '../setup/distribution.ts';
import { type Check, missing, ok } from './check.ts';

const OLDEST_NODE = 24;

export function checkNode(version = process.versions.node): Check {
  const major = Number(version.split('.')[0]);
  if (major >= OLDEST_NODE) return ok('node', 'Node', version);
  return missing(
    'node',
    'Node',
    `${version} is too old: devbox needs ${OLDEST_NODE} or newer`,
    'npm ci   (brings the Node that devbox is tested with; ./devbox finds it by itself)',
  );
}

export function checkPlatform(platform: string = process.platform, arch: string = process.arch): Check {
  if (platform === 'linux' && arch === 'x64')
    return ok('platform', 'Platform', `${thisDistribution().name}, x86-64`);
  return missing(
    'platform',
    'Platform',
    `${platform} on ${arch}`,
    'Use an x86-64 Linux machine: that is what devbox is made for',
  );
}
