import { basename, dirname } from 'node:path';
import type { BuildRoot } from '../../build/root/prepare-build-root.ts';

/** Where the share and the socket's directory are seen by the daemon; both exist in every build root. */
const SHARED = '/mnt';
const SOCKETS = '/run';

export interface VirtiofsShare {
  readonly host: string;
  readonly readOnly: boolean;
  readonly socket: string;
}

/**
 * The file-sharing daemon, in a sandbox that holds the shared directory and nothing else of the host: no network, a
 * user namespace in which only the invoking user exists, so it can neither make device nodes nor reach what is not the
 * user's. Everybody in the guest is that one user.
 */
export function virtiofsdCommand(root: Pick<BuildRoot, 'wrap'>, share: VirtiofsShare): readonly string[] {
  return root.wrap({
    argv: [
      '/usr/libexec/virtiofsd',
      ...['--socket-path', `${SOCKETS}/${basename(share.socket)}`],
      ...['--shared-dir', SHARED],
      ...['--sandbox', 'none', '--cache', 'auto', '--log-level', 'error'],
      ...['--translate-uid', 'squash-guest:0:0:4294967295'],
      ...['--translate-gid', 'squash-guest:0:0:4294967295'],
      ...(share.readOnly ? ['--readonly'] : []),
    ],
    binds: [
      { host: share.host, guest: SHARED, readOnly: share.readOnly },
      { host: dirname(share.socket), guest: SOCKETS, readOnly: false },
    ],
  });
}
