import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { abortFailure, Failure } from '../core/failure.ts';
import { type Child, startChild } from './child.ts';

/** Held until disposed, or until the process that holds it dies. */
export interface Lock extends AsyncDisposable {
  release(): Promise<void>;
}

export interface LockOptions {
  /** The lock file. Created when missing; its directory too. */
  readonly file: string;
  readonly signal?: AbortSignal;
  /** Called once when another process holds the lock and this one has to wait. */
  readonly onWait?: () => void;
}

/**
 * flock(2), which Node does not have, taken by a child that keeps it while its standard input is open. The kernel
 * releases it however devbox dies, and waiting for it is an event, not a poll. A file that was removed meanwhile
 * locks nothing, so the child makes sure that it holds the one that has the name.
 */
const HOLD = `while :; do
  exec 9>>"$1" || exit 1
  flock --nonblock 9 || { echo waiting; flock 9 || exit 1; }
  if [ "/proc/$$/fd/9" -ef "$1" ]; then break; fi
done
echo held
exec cat >/dev/null`;

/** Waits until this process holds the lock. Throws `Failure` cancelled when the signal is aborted first. */
export async function acquireLock({ file, signal, onWait }: LockOptions): Promise<Lock> {
  if (signal?.aborted) throw abortFailure(signal);
  mkdirSync(dirname(file), { recursive: true });
  const child = await startChild({
    argv: ['sh', '-c', HOLD, 'devbox-lock', file],
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const abort = () => void child.kill();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const complaint = await untilHeld(child, onWait);
    if (signal?.aborted) throw abortFailure(signal);
    if (complaint !== undefined) {
      throw new Failure({
        kind: 'infrastructure',
        code: 'lock-failed',
        message: `Cannot lock ${file}${complaint === '' ? '' : `: ${complaint}`}.`,
        hint: 'Check that the cache directory is writable and on a local file system.',
      });
    }
  } catch (error) {
    await child.kill();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  const release = async () => {
    child.stdin?.end();
    await child.exited;
  };
  return { release, [Symbol.asyncDispose]: release };
}

/** Undefined once the child holds the lock; what it said on stderr when it ended instead. */
function untilHeld(child: Child, onWait: (() => void) | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said = '';
    let complaint = '';
    let waited = false;
    child.stdin?.on('error', () => {}); // It may be killed before we close it.
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(0, 2000);
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (!waited && said.includes('waiting\n')) {
        waited = true;
        onWait?.();
      }
      if (said.includes('held\n')) resolve(undefined);
    });
    void child.exited.then(() => resolve(complaint.trim()));
  });
}

/** The lock when nobody holds it, else undefined at once. */
export async function tryLock(options: Omit<LockOptions, 'onWait'>): Promise<Lock | undefined> {
  const busy = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, busy.signal]) : busy.signal;
  try {
    return await acquireLock({ ...options, signal, onWait: () => busy.abort() });
  } catch (error) {
    if (busy.signal.aborted && !options.signal?.aborted) return undefined;
    throw error;
  }
}
