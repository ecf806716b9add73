import { type ImageDescription, SUITE } from './package-list.ts';

/**
 * mmdebstrap's command line: a tar archive of a Debian root on standard output. No mirror is named: mmdebstrap takes
 * Debian's own, or what the system's apt says. `unshare` needs no rights but a range of subordinate user ids.
 */
export function debootstrapArgs(
  image: ImageDescription,
  mode: 'root' | 'unshare',
  suite: string = SUITE,
): string[] {
  return [
    'mmdebstrap',
    `--mode=${mode}`,
    '--variant=minbase',
    '--format=tar',
    // The root is thrown away if the machine crashes meanwhile: syncing each file would only cost time.
    '--dpkgopt=force-unsafe-io',
    ...image.excludes.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    // A mirror that stumbles is asked again.
    '--aptopt=Acquire::Retries "3"',
    '--aptopt=Acquire::Languages "none"',
    `--include=${image.packages.join(',')}`,
    suite,
    '-',
  ];
}
