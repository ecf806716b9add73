import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { GUEST_AGENT_MAIN } from '../manifest.ts';
import type { PolicyPromises } from '../policy/define-policy.ts';
import { readSchedState } from './sched-state.ts';

export interface StartedAgent extends AsyncDisposable {
  readonly pid: number;
  /** Asks it to unload its scheduler and waits until it has ended; resolves with its exit code. */
  stop(): Promise<number | undefined>;
  /** Ends it by a signal, SIGKILL by default; resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** What it has printed so far. */
  output(): string;
}

/** How many times longer everything may take here than on real hardware. */
const TIME_SCALE = Math.max(1, Number(process.env.DEVBOX_TIME_SCALE) || 1);
const READY_MS = 20_000 * TIME_SCALE;
const LOOK_MS = 20;

/** The agent that the test is run for, as the suite has it; undefined when it has none. */
export function agentUnderTest(): string | undefined {
  return process.env.DEVBOX_AGENT;
}

/** Whether the agent that the test is run for promises this, with the defaults of its flags. */
export function agentPromises(promise: keyof PolicyPromises): boolean {
  return (process.env.DEVBOX_AGENT_PROMISES ?? '').split(' ').includes(promise);
}

/**
 * Starts an agent and waits until the kernel runs its scheduler: one of devbox by its name (`fifo`), or without a name the
 * one that the suite is run for. For tests that load schedulers themselves: they ask for `agent=none`, or for
 * `agent=unloaded` to be run for every agent of the suite. Throws what it printed when it does not come that far.
 */
export async function startAgent(name?: string, ...flags: readonly string[]): Promise<StartedAgent> {
  const [file, ...words] = name === undefined ? suiteAgent() : [process.execPath, GUEST_AGENT_MAIN, name];
  const before = readSchedState().enables;
  const child = spawn(file, [...words, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
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
    throw new Error(`the agent ${name ?? agentUnderTest()} did not load a scheduler:\n${output}`);
  }
  return {
    pid: child.pid as number,
    stop: () => end('SIGINT'),
    kill: async (signal = 'SIGKILL') => void (await end(signal)),
    output: () => output,
    [Symbol.asyncDispose]: async () => void (await end('SIGINT')),
  };
}

function suiteAgent(): readonly [string, ...string[]] {
  const [file, ...words] = JSON.parse(process.env.DEVBOX_AGENT_COMMAND ?? '[]') as readonly string[];
  if (file === undefined) throw new Error('The suite that this test is part of has no agent to start.');
  return [file, ...words];
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
