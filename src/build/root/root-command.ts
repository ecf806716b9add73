/** A command for inside the build root. The root itself is read-only; /tmp, /run and /mnt are empty and fresh. */
export interface RootCommand {
  readonly argv: readonly string[];
  readonly binds?: readonly RootBind[];
  /** In the root. `/` unless told. */
  readonly cwd?: string;
  /** On top of PATH, HOME and LANG; nothing else of devbox's own environment goes in. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it may use the host's network, and its proxy settings. No unless told. */
  readonly network?: boolean;
  /**
   * Keep the identity that devbox has instead of entering a user namespace: matters only to root, who otherwise loses
   * the right to files of others.
   */
  readonly asInvoker?: boolean;
  /** It serves somebody hostile: better not to run it than with more rights than it would have in bubblewrap. */
  readonly confined?: boolean;
}

export interface RootBind {
  /** A file or directory on the host, absolute. */
  readonly host: string;
  /** Where it is seen: an existing path of the root, or anything below /tmp, /run or /mnt. */
  readonly guest: string;
  readonly readOnly: boolean;
}

/** Fresh, empty and writable in every command. */
export const SCRATCH = ['/tmp', '/run', '/mnt'] as const;

/** What a command inside the root finds in its environment. */
export function rootEnvironment(command: RootCommand): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/tmp',
    LANG: 'C.UTF-8',
    DEBIAN_FRONTEND: 'noninteractive',
    ...(command.network && proxies(process.env)),
    ...command.env,
  };
}

function proxies(env: NodeJS.ProcessEnv): Record<string, string> {
  const isProxy = ([name, value]: [string, string | undefined]) =>
    /^(https?|ftp|all|no)_proxy$/i.test(name) && value !== undefined;
  return Object.fromEntries(Object.entries(env).filter(isProxy)) as Record<string, string>;
}
