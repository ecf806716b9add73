import { describe, expect, it } from 'vitest';
import { parseOsRelease } from './distribution.ts';
import { aptArgv, installCommands } from './install-commands.ts';
import { REQUIREMENTS } from './requirements.ts';

describe('the distribution', () => {
  it.each([
    ['PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n', 'debian', 'Debian GNU/Linux 13 (trixie)'],
    [
      'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\nPRETTY_NAME="Ubuntu 24.04 LTS"',
      'debian',
      'Ubuntu 24.04 LTS',
    ],
    ["ID=linuxmint\nID_LIKE='ubuntu debian'", 'debian', 'linuxmint'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"', 'fedora', 'rocky'],
    ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"', 'suse', 'opensuse-tumbleweed'],
    ['ID=endeavouros\nID_LIKE=arch', 'arch', 'endeavouros'],
    ['ID=nixos', 'other', 'nixos'],
    ['', 'other', 'this distribution'],
  ])('is read from %j', (text, family, name) => {
    expect(parseOsRelease(text)).toEqual({ family, name });
  });
});

describe('installing', () => {
  const missing = REQUIREMENTS.filter(({ id }) => ['qemu', 'bubblewrap'].includes(id));

  it('updates first on Debian, and asks for rights only when it has none', () => {
    const debian = { family: 'debian', name: '' } as const;
    expect(installCommands(missing, debian, 0)).toEqual([
      'apt-get update',
      'apt-get install --no-install-recommends qemu-system-x86 bubblewrap',
    ]);
    expect(installCommands(missing, debian, 1000)[0]).toBe('sudo apt-get update');
  });

  it.each([
    ['fedora', 'sudo dnf install qemu-system-x86-core bubblewrap'],
    ['arch', 'sudo pacman -S --needed qemu-system-x86 bubblewrap'],
    ['suse', 'sudo zypper install qemu-x86 bubblewrap'],
    ['other', 'Install with your package manager: QEMU, bubblewrap'],
  ] as const)('knows the command for %s', (family, command) => {
    expect(installCommands(missing, { family, name: '' }, 1000)).toEqual([command]);
  });

  it('never lets apt or sudo wait for an answer that nobody can give', () => {
    expect(aptArgv(['update'], 0, false).slice(0, 3)).toEqual([
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
    ]);
    expect(aptArgv(['update'], 1000, false).slice(0, 2)).toEqual(['sudo', '--non-interactive']);
    expect(aptArgv(['update'], 1000, true)[1]).not.toBe('--non-interactive');
  });
});
