import type { Distribution } from './distribution.ts';
import type { Requirement } from './requirements.ts';

/** The commands that install what is missing, as someone would type them; `sudo` when needed. */
export function installCommands(
  missing: readonly Requirement[],
  { family }: Distribution,
  uid: number,
): string[] {
  const sudo = uid === 0 ? '' : 'sudo ';
  const names = (of: Exclude<Distribution['family'], 'other'>) =>
    [...new Set(missing.map(({ packages }) => packages[of]))].join(' ');
  switch (family) {
    case 'debian':
      return [`${sudo}apt-get update`, `${sudo}apt-get install --no-install-recommends ${names('debian')}`];
    case 'fedora':
      return [`${sudo}dnf install ${names('fedora')}`];
    case 'arch':
      return [`${sudo}pacman -S --needed ${names('arch')}`];
    case 'suse':
      return [`${sudo}zypper install ${names('suse')}`];
    case 'other':
      return [`Install with your package manager: ${missing.map(({ title }) => title).join(', ')}`];
    default:
      return family satisfies never;
  }
}

/** apt-get, told never to ask, and to wait for another apt instead of failing. */
export function aptArgv(words: readonly string[], uid: number, canPrompt: boolean): string[] {
  const apt = [
    ...['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--quiet'],
    ...['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'],
    ...words,
  ];
  if (uid === 0) return apt;
  return canPrompt ? ['sudo', ...apt] : ['sudo', '--non-interactive', ...apt];
}
