import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { DevboxOptions } from './devbox.ts';
import { DEVBOX, temporaryDirectory } from './devbox.ts';

export interface OrdinaryUser extends Disposable {
  readonly uid: number;
  /** Made for the test; else whoever runs the tests. */
  readonly isNew: boolean;
  /** A directory of the user's own, removed with the user. */
  readonly home: string;
  /** How to run devbox as this user: in `home`, with an empty cache and a runtime directory of their own. */
  readonly options: DevboxOptions & { readonly env: Readonly<Record<string, string>> };
  /** The same, on a machine where these programs are not installed. */
  without(programs: readonly string[]): DevboxOptions;
  /** What of the user's still runs. */
  processes(): string[];
}

/**
 * Somebody without any rights. Where the tests run as root that is a new user, who sees the checkout by a read-only mount
 * in a namespace of their own, so that it may lie anywhere; else it is whoever runs the tests.
 */
export function createOrdinaryUser(): OrdinaryUser {
  const isRoot = userInfo().uid === 0;
  const stack = new DisposableStack();
  const dir = stack.use(temporaryDirectory('dbu-')).path;
  const home = join(dir, 'home');
  if (isRoot) {
    execFileSync('chmod', ['0755', dir]);
    const name = `dbx${process.pid}`;
    // An earlier account of this name is what a killed test left behind.
    execFileSync('sh', [
      '-ec',
      '! id "$1" >/dev/null 2>&1 || userdel "$1"; useradd --create-home --home-dir "$2" "$1"',
      'sh',
      name,
      home,
    ]);
    stack.defer(() => void execFileSync('userdel', [name]));
  } else mkdirSync(home);
  const { uid, gid } = statSync(home);
  const runtime = join(home, 'run');
  const checkout = join(dir, 'checkout');
  for (const made of [runtime, checkout]) mkdirSync(made, { mode: 0o700 });
  if (isRoot) execFileSync('chown', [`${uid}:${gid}`, runtime]);
  const processes = () =>
    readdirSync('/proc').flatMap((pid) => {
      if (!/^\d+$/.test(pid) || !isRoot) return [];
      try {
        if (statSync(`/proc/${pid}`).uid !== uid) return [];
        const [, state] = /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        // A zombie has ended; reaping it is somebody else's business.
        return state === 'Z' ? [] : [`${pid} ${words}`];
      } catch {
        return []; // It has just ended.
      }
    });
  const owned = stack.move();
  const options = {
    cwd: home,
    env: { HOME: home, XDG_CACHE_HOME: join(home, '.cache'), XDG_RUNTIME_DIR: runtime, DEVBOX_CACHE: '' },
    ...(isRoot ? { under: asUser(checkout, uid, gid) } : {}),
  };
  return {
    uid,
    isNew: isRoot,
    home,
    options,
    without: (programs) => ({ ...options, under: [...hiding(programs, isRoot), ...(options.under ?? [])] }),
    processes,
    [Symbol.dispose]: () => owned.dispose(),
  };
}

function asUser(checkout: string, uid: number, gid: number): string[] {
  const script = `
    mount --bind "$1" "$2"; mount -o remount,bind,ro "$2"; checkout=$2 uid=$3 gid=$4
    shift 5
    exec setpriv --reuid "$uid" --regid "$gid" --init-groups --inh-caps -all -- "$checkout/devbox" "$@"`;
  const own = ['unshare', '--mount', '--propagation', 'private', '--', 'sh', '-ec', script, 'sh'];
  return [...own, dirname(DEVBOX), checkout, String(uid), String(gid)];
}

/** An empty device in the place of each program, in a namespace of its own. */
function hiding(programs: readonly string[], isRoot: boolean): string[] {
  const places = ['/usr/local/sbin', '/usr/sbin', '/usr/local/bin', '/usr/bin'];
  const files = places
    .flatMap((dir) => programs.map((name) => join(dir, name)))
    .filter((file) => existsSync(file));
  const own = isRoot ? [] : ['--user', '--map-current-user'];
  const script = [...files.map((file) => `mount --bind /dev/null ${file}`), 'exec "$@"'].join('\n');
  return ['unshare', ...own, '--mount', '--propagation', 'private', '--', 'sh', '-ec', script, 'sh'];
}
