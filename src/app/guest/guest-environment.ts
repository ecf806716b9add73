/** Where our own programs lie in the guest. */
export const GUEST_PREFIX = '/opt/devbox';

/** The environment that processes in the guest start with. */
export function guestEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: `${GUEST_PREFIX}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: '/root',
    USER: 'root',
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    DEVBOX: '1',
    ...extra,
  };
}
