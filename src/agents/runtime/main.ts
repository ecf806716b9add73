import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import { EXIT_HOST, EXIT_USAGE } from '../../core/verdict.ts';
import { isNativeError, loadAddon, type NativeAddon } from './addon.ts';
import { error, stall } from './faulty.ts';
import { fifo } from './fifo.ts';
import { reportWriter } from './report.ts';
import { reportFailure, runSchedulerAgent, type SchedulerAgent } from './run-agent.ts';

/**
 * The agent program of the guest: `node main.js AGENT [flags]`.
 *
 * Starts in a guest that may be emulated, where every imported file costs: node: built-ins and core only, no packages.
 * Exit codes: 0 asked to stop, 64 wrong usage, 69 could not start, 75 ejected by the kernel.
 */
const AGENTS: Readonly<Record<string, (argv: readonly string[], bpfDir: string) => SchedulerAgent>> = {
  fifo,
  stall,
  error,
};

const DEFAULT_BPF_DIR = '/opt/devbox/bpf';

const stdout = (text: string) => void process.stdout.write(text);
const stderr = (text: string) => void process.stderr.write(text);
const report = reportWriter();

function chooseAgent(argv: readonly string[]): SchedulerAgent {
  const [name = '', ...rest] = argv;
  const agent = Object.hasOwn(AGENTS, name) ? AGENTS[name] : undefined;
  if (agent) return agent(rest, process.env.DEVBOX_BPF_DIR ?? DEFAULT_BPF_DIR);
  throw new Failure({
    kind: 'usage',
    code: 'no-such-agent',
    message: `There is no agent "${name}".${didYouMean(name, Object.keys(AGENTS))}`,
    hint: `There are: ${Object.keys(AGENTS).join(', ')}.`,
  });
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

async function main(): Promise<number> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
  try {
    const agent = chooseAgent(process.argv.slice(2));
    const addon = loadAddon();
    lockMemory(addon);
    return await runSchedulerAgent(agent, { addon, report, stdout, stderr, stop: stopping.signal });
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    reportFailure(cause, { report, stderr });
    return cause.kind === 'usage' ? EXIT_USAGE : EXIT_HOST;
  }
}

process.exitCode = await main();
