import { statSync } from 'node:fs';
import { Failure } from '../../core/failure.ts';
import { shellWord } from '../../core/shell-word.ts';
import { NETWORK_FILES } from './bubblewrap-args.ts';
import { type RootBind, type RootCommand, rootEnvironment, SCRATCH } from './root-command.ts';

/**
 * The same as `bubblewrapArgs` with nothing but util-linux: for machines without bubblewrap, and for containers where
 * root may mount but bubblewrap does not work.
 */
export function unshareArgs(root: string, command: RootCommand, uid: number): string[] {
  const namespaces = [
    '--mount',
    '--propagation',
    'private',
    '--pid',
    '--fork',
    '--kill-child',
    '--ipc',
    '--uts',
  ];
  if (uid === 0 && command.confined && command.asInvoker) throw unconfined();
  // Without a user namespace root inside is root: what it makes may be devices, and a chroot holds only who wants to stay.
  if (uid !== 0 || command.confined) namespaces.push('--user', '--map-root-user');
  if (!command.network) namespaces.push('--net');
  return ['unshare', ...namespaces, '--', 'sh', '-ec', mountScript(root, command)];
}

function unconfined(): Failure {
  return new Failure({
    kind: 'host',
    code: 'share-not-confined',
    message:
      "Without bubblewrap, root does not share a directory that is another user's: nothing would confine it.",
    hint: 'Install bubblewrap (devbox setup), run devbox as the owner of the directory, or share nothing with --no-share.',
  });
}

function mountScript(root: string, command: RootCommand): string {
  const at = (path: string) => shellWord(`${root}${path}`);
  const binds = [...(command.binds ?? []), ...(command.network ? NETWORK_FILES : [])];
  const environment = Object.entries(rootEnvironment(command)).map(([name, value]) => `${name}=${value}`);
  const inside = [
    '/bin/sh',
    '-c',
    'cd "$1" && shift && exec "$@"',
    'devbox',
    command.cwd ?? '/',
    ...command.argv,
  ];
  return [
    'PATH=$PATH:/usr/sbin:/sbin', // chroot lies there, and an ordinary user does not look there.
    `mount --bind ${shellWord(root)} ${shellWord(root)}`,
    `mount --rbind /dev ${at('/dev')}`,
    `mount -t proc proc ${at('/proc')}`,
    ...SCRATCH.map((dir) => `mount -t tmpfs -o nosuid,nodev tmpfs ${at(dir)}`),
    // A user namespace may not clear flags that the file system already has; then the root's own files stay writable.
    `mount -o remount,bind,ro ${shellWord(root)} 2>/dev/null || true`,
    ...binds.flatMap((bind) => bindLines(bind, at(bind.guest))),
    `exec chroot ${shellWord(root)} /usr/bin/env -i ${[...environment, ...inside].map(shellWord).join(' ')}`,
  ].join('\n');
}

function bindLines({ host, guest, readOnly }: RootBind, target: string): string[] {
  const isScratch = SCRATCH.some((dir) => guest.startsWith(`${dir}/`));
  const isDirectory = statSync(host, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return [
    ...(isScratch && isDirectory ? [`mkdir -p ${target}`] : []),
    ...(isScratch && !isDirectory ? [`mkdir -p "$(dirname ${target})"`, `: >${target}`] : []),
    `mount --bind ${shellWord(host)} ${target}`,
    ...(readOnly ? [`mount -o remount,bind,ro ${target}`] : []),
  ];
}
