import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { pin } from './affinity.ts';

const PROGRAM = '/opt/devbox/bin/devbox-workload';

export interface LoadOptions {
  /** Processes that only compute. Default: one. */
  readonly processes?: number;
  /** CPUs that they may use. Default: all. */
  readonly cpus?: readonly number[];
  /** -20 to 19. Default: 0. */
  readonly nice?: number;
}

export interface Load extends AsyncDisposable {
  /** One for each process. */
  readonly pids: readonly number[];
  /** Ends them and waits until they have gone. */
  stop(): Promise<void>;
}

/** One thread, so that what /proc says of the process is all there is. */
const BUSY = ['sh', '-c', 'while :; do :; done'] as const;

/** Starts processes that compute without end. Stop it, or let `await using` do so. */
export function spawnLoad({ processes = 1, cpus, nice }: LoadOptions = {}): Load {
  const [file, ...words] = BUSY;
  const children = Array.from({ length: processes }, () => spawn(file, words, { stdio: 'ignore' }));
  for (const { pid } of children) {
    if (cpus !== undefined) pin(cpus, pid);
    if (nice !== undefined) setPriority(pid as number, nice);
  }
  const stop = async () => {
    await Promise.all(children.map(end));
  };
  return {
    pids: children.map(({ pid }) => pid as number),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Runs a workload of devbox to its end, and gives what it measured. Throws what it said when it failed. */
export function runWorkload(name: string, ...flags: readonly string[]): Readonly<Record<string, unknown>> {
  const text = execFileSync(PROGRAM, [name, '--json', ...flags], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return JSON.parse(text) as Record<string, unknown>;
}
