import { existsSync } from 'node:fs';
import { findProgram } from '../../platform/find-program.ts';
import type { DistributionFamily } from './distribution.ts';

/** Something a run takes from the host, and the package that brings it. */
export interface Requirement {
  readonly id: string;
  readonly title: string;
  readonly isThere: () => boolean;
  readonly packages: Readonly<Record<Exclude<DistributionFamily, 'other'>, string>>;
  /** Runs work without it for this user. */
  readonly isOptional: (uid: number) => boolean;
}

const always = () => false;
const asRoot = (uid: number) => uid === 0;

const KEYRINGS = ['debian-archive-keyring.gpg', 'debian-archive-keyring.pgp'];

export const REQUIREMENTS: readonly Requirement[] = [
  {
    id: 'qemu',
    title: 'QEMU',
    isThere: () => findProgram('qemu-system-x86_64') !== undefined,
    packages: {
      debian: 'qemu-system-x86',
      fedora: 'qemu-system-x86-core',
      arch: 'qemu-system-x86',
      suse: 'qemu-x86',
    },
    isOptional: always,
  },
  {
    id: 'mmdebstrap',
    title: 'mmdebstrap',
    isThere: () => findProgram('mmdebstrap') !== undefined,
    packages: { debian: 'mmdebstrap', fedora: 'mmdebstrap', arch: 'mmdebstrap', suse: 'mmdebstrap' },
    isOptional: always,
  },
  {
    id: 'debian-archive-keyring',
    title: 'Debian archive keys',
    isThere: () => KEYRINGS.some((name) => existsSync(`/usr/share/keyrings/${name}`)),
    packages: {
      debian: 'debian-archive-keyring',
      fedora: 'debian-keyring',
      arch: 'debian-archive-keyring',
      suse: 'debian-archive-keyring',
    },
    isOptional: always,
  },
  {
    id: 'bubblewrap',
    title: 'bubblewrap',
    isThere: () => findProgram('bwrap') !== undefined,
    packages: { debian: 'bubblewrap', fedora: 'bubblewrap', arch: 'bubblewrap', suse: 'bubblewrap' },
    isOptional: always,
  },
  {
    id: 'newuidmap',
    title: 'newuidmap',
    isThere: () => findProgram('newuidmap') !== undefined,
    packages: { debian: 'uidmap', fedora: 'shadow-utils', arch: 'shadow', suse: 'shadow' },
    isOptional: asRoot,
  },
  {
    id: 'setpriv',
    title: 'setpriv',
    isThere: () => findProgram('setpriv') !== undefined,
    packages: { debian: 'util-linux', fedora: 'util-linux', arch: 'util-linux', suse: 'util-linux' },
    isOptional: always,
  },
];

/** What is not there; `needed` leaves out what this user can do without. */
export function missingRequirements(uid: number, which: 'needed' | 'all'): Requirement[] {
  return REQUIREMENTS.filter(
    ({ isThere, isOptional }) => (which === 'all' || !isOptional(uid)) && !isThere(),
  );
}
