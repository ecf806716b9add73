import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { GUEST_AGENT_MAIN } from '../manifest.ts';
import { readSchedState } from './sched-state.ts';

export interface StartedAgent extends AsyncDisposable {
  readonly pid: number;
  /** Asks it to unload its scheduler and waits until it has ended; resolves with its exit code. */
  stop(): Promise<number | undefined>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** What it has printed so far. */
  output(): string;
}

const READY_MS = 30_000;
const LOOK_MS = 20;

/**
 * Starts an agent of devbox (`fifo`) and waits until the kernel runs its scheduler. For tests that load schedulers
 * themselves: they ask for `agent=none`. Throws what it printed when it does not come that far.
 */
export async function startAgent(name: string, ...flags: readonly string[]): Promise<StartedAgent> {
  const before = readSchedState().enables;
  const child = spawn(process.execPath, [GUEST_AGENT_MAIN, name, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data));
  const gone = once(child, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await gone;
    }
    return child.exitCode ?? undefined;
  };
  const isReady = () => {
    const { state, enables } = readSchedState();
    return state === 'enabled' && enables > before;
  };
  if (!(await until(isReady, READY_MS, () => child.exitCode !== null))) {
    await end('SIGKILL');
    throw new Error(`the agent ${name} did not load a scheduler:\n${output}`);
  }
  return {
    pid: child.pid as number,
    stop: () => end('SIGINT'),
    kill: async () => void (await end('SIGKILL')),
    output: () => output,
    [Symbol.asyncDispose]: async () => void (await end('SIGINT')),
  };
}

/** Waits until no scheduler is loaded; false when one still is after `forMs`. */
export function untilNoScheduler(forMs = READY_MS): Promise<boolean> {
  return until(() => readSchedState().state === 'disabled', forMs);
}

/** sysfs tells nobody of a change, so it is looked at; false when time is up, or `isOver` says that it will never be. */
async function until(isSo: () => boolean, forMs: number, isOver = () => false): Promise<boolean> {
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    if (isSo()) return true;
    if (isOver()) return isSo();
    await sleep(LOOK_MS);
  }
  return isSo();
}
