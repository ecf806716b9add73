import { constants, setPriority } from 'node:os';
import { Failure } from '../../core/failure.ts';
import { EXIT_HOST, EXIT_USAGE } from '../../core/verdict.ts';
import { HELD_FLAG } from '../held-program.ts';
import { isNativeError, loadAddon, type NativeAddon } from './addon.ts';
import { awaitOrder } from './await-order.ts';
import { biff } from './biff.ts';
import { error, stall } from './faulty.ts';
import { fifoBpf } from './fifo-bpf.ts';
import { collectAll } from './garbage.ts';
import { runPolicyAgent } from './policy-agent.ts';
import { type HeldThread, holdPolicyThread } from './policy-thread.ts';
import { reportWriter } from './report.ts';
import { reportFailure, runSchedulerAgent, type SchedulerAgent } from './run-agent.ts';

/**
 * The agent program of the guest: `node main.js AGENT [flags]`. AGENT is one of those here, else a policy's name, or with a
 * slash the path of a policy's file. `node main.js --held` waits to be told (held-program.ts).
 *
 * Starts in a guest that may be emulated, where every imported file costs: node: built-ins and core only, no packages.
 * Exit codes: 0 asked to stop, 64 wrong usage, 69 could not start, 75 ejected by the kernel.
 */
const AGENTS: Readonly<Record<string, (argv: readonly string[], bpfDir: string) => SchedulerAgent>> = {
  'fifo-bpf': fifoBpf,
  biff,
  stall,
  error,
};

const DEFAULT_BPF_DIR = '/opt/devbox/bpf';

const stdout = (text: string) => void process.stdout.write(text);
const stderr = (text: string) => void process.stderr.write(text);
const report = reportWriter();

async function runAgent(argv: readonly string[], stop: AbortSignal): Promise<number> {
  if (argv[0] === HELD_FLAG) return runHeld(stop);
  return runNamed(argv, { addon: loadAddon(), stop });
}

/** Loads all that any agent needs, then waits to be told which it is. */
async function runHeld(stop: AbortSignal): Promise<number> {
  const addon = loadAddon();
  const held = await holdPolicyThread();
  collectAll();
  const argv = awaitOrder({ addon, report });
  try {
    return addon.exitNow(await runNamed(argv, { addon, stop, held }));
  } catch (cause) {
    return addon.exitNow(failed(cause));
  }
}

interface Own {
  readonly addon: NativeAddon;
  readonly stop: AbortSignal;
  readonly held?: HeldThread;
}

async function runNamed(argv: readonly string[], { addon, stop, held }: Own): Promise<number> {
  const [name = '', ...rest] = argv;
  const bpfDir = process.env.DEVBOX_BPF_DIR ?? DEFAULT_BPF_DIR;
  const agent = Object.hasOwn(AGENTS, name) ? AGENTS[name]?.(rest, bpfDir) : undefined;
  lockMemory(addon);
  const around = { addon, report, stdout, stderr, stop };
  if (agent) return runSchedulerAgent(agent, around);
  comeFirst();
  try {
    // Everything has been said: that the policy's thread is gone, too, nobody has to wait for. One that loops never is.
    return addon.exitNow(await runPolicyAgent(name, rest, { ...around, bpfDir, ...(held && { held }) }));
  } catch (cause) {
    return addon.exitNow(failed(cause));
  }
}

/** Not being able to is no reason to stop: the watchdog is the backstop. */
function lockMemory(addon: NativeAddon): void {
  try {
    addon.lockMemory();
  } catch (cause) {
    if (!isNativeError(cause)) throw cause;
    stderr(
      `Cannot lock memory (${cause.code}): a page fault may make the agent wait for its own scheduler.\n`,
    );
  }
}

/** Also once the tasks have gone back to the fair class it has to find out what happened. Of this thread only. */
function comeFirst(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch (cause) {
    stderr(`Cannot run before others: ${(cause as Error).message}.\n`);
  }
}

async function main(): Promise<number> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
  try {
    return await runAgent(process.argv.slice(2), stopping.signal);
  } catch (cause) {
    return failed(cause);
  }
}

function failed(cause: unknown): number {
  if (!(cause instanceof Failure)) throw cause;
  reportFailure(cause, { report, stderr });
  return cause.kind === 'usage' ? EXIT_USAGE : EXIT_HOST;
}

process.exitCode = await main();
