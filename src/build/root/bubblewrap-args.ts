import { type RootCommand, rootEnvironment, SCRATCH } from './root-command.ts';

/**
 * bubblewrap's command line for a command in the root: uid 0 inside is the user who runs devbox, and nobody else is. It
 * stays in its process group, by which all of it can be ended; it has no terminal that a session of its own would keep
 * it from.
 */
export function bubblewrapArgs(root: string, command: RootCommand, uid: number): string[] {
  const namespaces = ['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'];
  if (!(command.asInvoker && uid === 0)) {
    namespaces.push('--unshare-user', '--uid', '0', '--gid', '0');
    // bubblewrap leaves the capabilities of this namespace to root only; programs that find themselves uid 0 count on them.
    namespaces.push('--cap-add', 'ALL');
  }
  if (!command.network) namespaces.push('--unshare-net');
  const binds = [...(command.binds ?? []), ...(command.network ? NETWORK_FILES : [])];
  return [
    'bwrap',
    ...namespaces,
    '--die-with-parent',
    '--clearenv',
    ...['--ro-bind', root, '/'],
    ...['--proc', '/proc'],
    ...['--dev', '/dev'],
    ...SCRATCH.flatMap((dir) => ['--tmpfs', dir]),
    ...binds.flatMap(({ host, guest, readOnly }) => [readOnly ? '--ro-bind' : '--bind', host, guest]),
    ...Object.entries(rootEnvironment(command)).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', command.cwd ?? '/'],
    '--',
    ...command.argv,
  ];
}

/** The root has an empty file in the place of each. */
export const NETWORK_FILES = ['/etc/resolv.conf', '/etc/hosts'].map((file) => ({
  host: file,
  guest: file,
  readOnly: true,
}));
