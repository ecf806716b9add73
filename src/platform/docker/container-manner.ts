import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { currentUser } from '../current-user.ts';
import { cacheDir } from '../paths.ts';
import { readSmallJson, writeSmallJson } from '../small-json.ts';
import type { Daemon } from './daemon.ts';
import { endpointAddress } from './endpoint.ts';
import { runContainer } from './run-container.ts';
import { scratchDirectory } from './scratch-directory.ts';

export interface ProbeOptions {
  /** The daemon's own name for itself. */
  readonly daemonId: string;
  readonly image: string;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly userns?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What containers are like at a daemon. */
export interface ContainerManner {
  /** Whether they can read and write this machine's files, as themselves. */
  readonly sharesFiles: boolean;
  readonly hasInit: boolean;
}

/**
 * What it takes a container to find out, and is remembered: a daemon may be elsewhere though its address is this
 * machine's, may see other files, may turn users into others, and may lack an init.
 */
export async function containerManner(daemon: Daemon, options: ProbeOptions): Promise<ContainerManner> {
  const { daemonId, user } = options;
  const file = join(cacheDir(), 'docker', 'containers.json');
  // Two daemons of one machine may have one name.
  const place = `${endpointAddress(daemon.endpoint)} ${daemonId} ${user.uid}:${user.gid} ${options.userns ?? ''}`;
  const known = readSmallJson<Record<string, ContainerManner>>(file) ?? {};
  if (known[place] !== undefined) return known[place];
  const manner = await probe(daemon, options);
  writeSmallJson(file, { ...known, [place]: manner });
  return manner;
}

async function probe(daemon: Daemon, options: ProbeOptions): Promise<ContainerManner> {
  try {
    return { hasInit: true, sharesFiles: await probeFiles(daemon, options, true) };
  } catch (error) {
    if (!isRefused(error, NO_INIT)) throw error;
    return { hasInit: false, sharesFiles: await probeFiles(daemon, options, false) };
  }
}

async function probeFiles(
  daemon: Daemon,
  { image, user, userns, signal }: ProbeOptions,
  hasInit: boolean,
): Promise<boolean> {
  using scratch = scratchDirectory();
  const dir = scratch.path;
  try {
    const question = randomBytes(16).toString('hex');
    writeFileSync(join(dir, 'question'), question);
    chmodSync(dir, 0o755);
    if (currentUser().uid === 0) chownSync(dir, user.uid, user.gid);
    const spec = {
      ...{ image, env: {}, cwd: '/', user: `${user.uid}:${user.gid}`, userns, network: false, hasInit },
      argv: ['sh', '-c', 'cat /mnt/probe/question >/mnt/probe/answer'],
      mounts: [{ type: 'bind', source: dir, target: '/mnt/probe', readOnly: false }] as const,
    };
    const sink = { add: () => true, whenWritten: (then: () => void) => then() };
    const { code } = await runContainer(daemon, spec, { what: 'try a bind mount', sink, signal });
    return code === 0 && readFileSync(join(dir, 'answer'), 'utf8') === question;
  } catch (error) {
    if (isMissing(error) || (isRefused(error, NO_SUCH_MOUNT) && !isRefused(error, NO_INIT))) return false;
    throw error;
  }
}

function isRefused(error: unknown, why: RegExp): boolean {
  return error instanceof Failure && error.code === 'docker-refused' && why.test(error.message);
}

/** docker-init, or Podman's catatonit. */
const NO_INIT = /(docker-init|init binary).*(not found|no such file)/i;

/** What Docker, Docker Desktop and Podman say of a directory that is not theirs. */
const NO_SUCH_MOUNT =
  /bind source path does not exist|mounts denied|not shared from|no such file or directory/i;

/** It wrote its answer somewhere else. */
function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
