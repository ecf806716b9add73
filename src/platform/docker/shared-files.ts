import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { currentUser } from '../current-user.ts';
import { cacheDir } from '../paths.ts';
import { readSmallJson, writeSmallJson } from '../small-json.ts';
import type { Daemon } from './daemon.ts';
import { endpointAddress } from './endpoint.ts';
import { runContainer } from './run-container.ts';

export interface SharedFilesOptions {
  /** The daemon's own name for itself. */
  readonly daemonId: string;
  readonly image: string;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly userns?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Whether a container can read and write this machine's files, as themselves: a daemon may be elsewhere though its address
 * is this machine's, may see other files, or may turn users into others. Found by trying, and remembered.
 */
export async function sharesFiles(daemon: Daemon, options: SharedFilesOptions): Promise<boolean> {
  const { daemonId, user } = options;
  const file = join(cacheDir(), 'docker', 'shares-files.json');
  // Two daemons of one machine may have one name.
  const place = `${endpointAddress(daemon.endpoint)} ${daemonId} ${user.uid}:${user.gid} ${options.userns ?? ''}`;
  const known = readSmallJson<Record<string, boolean>>(file) ?? {};
  if (known[place] !== undefined) return known[place];
  const shares = await probe(daemon, options);
  writeSmallJson(file, { ...known, [place]: shares });
  return shares;
}

async function probe(daemon: Daemon, { image, user, userns, signal }: SharedFilesOptions): Promise<boolean> {
  const parent = join(cacheDir(), 'docker');
  mkdirSync(parent, { recursive: true });
  const dir = await mkdtemp(join(parent, 'probe-'));
  try {
    const question = randomBytes(16).toString('hex');
    writeFileSync(join(dir, 'question'), question);
    chmodSync(dir, 0o755);
    if (currentUser().uid === 0) chownSync(dir, user.uid, user.gid);
    const spec = {
      ...{ image, env: {}, cwd: '/', user: `${user.uid}:${user.gid}`, userns, network: false },
      argv: ['sh', '-c', 'cat /mnt/probe/question >/mnt/probe/answer'],
      mounts: [{ type: 'bind', source: dir, target: '/mnt/probe', readOnly: false }] as const,
    };
    const sink = { add: () => true, whenWritten: (then: () => void) => then() };
    const { code } = await runContainer(daemon, spec, { what: 'try a bind mount', sink, signal });
    return code === 0 && readFileSync(join(dir, 'answer'), 'utf8') === question;
  } catch (error) {
    if (error instanceof Failure && error.code === 'docker-refused' && NO_SUCH_MOUNT.test(error.message))
      return false;
    if (isMissing(error)) return false; // It wrote its answer somewhere else.
    throw error;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What Docker, Docker Desktop and Podman say of a directory that is not theirs. */
const NO_SUCH_MOUNT =
  /bind source path does not exist|mounts denied|not shared from|no such file or directory/i;

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
