import { statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { BuildRoot } from '../../build/root/prepare-build-root.ts';
import { setIdFilter } from './set-id-filter.ts';

/** Where the share and the socket's directory are seen by the daemon; both exist in every build root. */
const SHARED = '/mnt';
const SOCKETS = '/run';
/** The file of the filter, beside the socket. */
const FILTER = 'set-id.bpf';

export interface VirtiofsShare {
  readonly host: string;
  readonly readOnly: boolean;
  readonly socket: string;
}

/**
 * The file-sharing daemon, in a sandbox that holds the shared directory and nothing else of the host: no network, a
 * user namespace in which only the invoking user exists, so it can neither make device nodes nor reach what is not the
 * user's. Everybody in the guest is that one user. Only when root shares what belongs to others (`sudo devbox` in
 * somebody's home) does it keep root's identity, without the rights that would let it out. Nothing it makes is
 * set-user-id.
 */
export function virtiofsdCommand(root: Pick<BuildRoot, 'wrap'>, share: VirtiofsShare): readonly string[] {
  const asInvoker = userInfo().uid === 0 && statSync(share.host).uid !== 0;
  writeFileSync(join(dirname(share.socket), FILTER), setIdFilter());
  return root.wrap({
    asInvoker,
    confined: true,
    argv: [
      ...['setpriv', '--no-new-privs', '--seccomp-filter', `${SOCKETS}/${FILTER}`, '--'],
      '/usr/libexec/virtiofsd',
      ...['--socket-path', `${SOCKETS}/${basename(share.socket)}`],
      ...['--shared-dir', SHARED],
      ...['--sandbox', 'none', '--cache', 'auto', '--log-level', 'error'],
      ...(asInvoker ? ['--modcaps=-mknod'] : [...squash('uid'), ...squash('gid')]),
      ...(share.readOnly ? ['--readonly'] : []),
    ],
    binds: [
      { host: share.host, guest: SHARED, readOnly: share.readOnly },
      { host: dirname(share.socket), guest: SOCKETS, readOnly: false },
    ],
  });
}

function squash(id: 'uid' | 'gid'): string[] {
  return [`--translate-${id}`, 'squash-guest:0:0:4294967295'];
}
