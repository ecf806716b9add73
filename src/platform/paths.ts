import { lstatSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../core/failure.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The checkout: the directory of package.json. This file lies two levels below it, in src/ and in dist/ alike. */
export const projectRoot: string = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where artifacts are kept between runs. */
export function cacheDir(env: Env = process.env): string {
  if (env.DEVBOX_CACHE) return resolve(env.DEVBOX_CACHE);
  if (env.XDG_CACHE_HOME) return join(resolve(env.XDG_CACHE_HOME), 'devbox');
  return join(homedir(), '.cache', 'devbox');
}

/**
 * Where sockets and leases of running VMs lie: a directory that only this user can enter. Created when missing; refused
 * when someone else made it or could enter it.
 */
export function runtimeDir(env: Env = process.env): string {
  const dir = env.XDG_RUNTIME_DIR
    ? join(resolve(env.XDG_RUNTIME_DIR), 'devbox')
    : join(tmpdir(), `devbox-${userInfo().uid}`);
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new Failure({
        kind: 'host',
        code: 'runtime-dir',
        message: `Cannot create ${dir} for sockets: ${(error as Error).message}.`,
        hint: 'Set XDG_RUNTIME_DIR to a directory that you own and only you can enter.',
        cause: error,
      });
    }
  }
  const stat = lstatSync(dir);
  if (!stat.isDirectory() || stat.uid !== userInfo().uid || (stat.mode & 0o077) !== 0) {
    throw new Failure({
      kind: 'host',
      code: 'runtime-dir-unsafe',
      message: `${dir} is not a directory that only this user can enter, so devbox will not put its sockets there.`,
      hint: `Remove it, or set XDG_RUNTIME_DIR to a directory that you own with mode 0700.`,
    });
  }
  return dir;
}

/** Where the records of runs started in `cwd` lie. */
export function runsDir(cwd: string): string {
  return join(cwd, '.devbox', 'runs');
}
