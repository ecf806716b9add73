import { escapeForTerminal } from '../../core/escape-bytes.ts';
import { parseDuration } from '../../core/units.ts';
import { listSimulatorWorkloads, type SimulationOptions, simulate } from '../../index.ts';
import { cancelOnSignals } from '../cancel.ts';
import type { CommandContext } from '../command-context.ts';
import { createOutput } from '../output.ts';
import { value } from '../parse/guest-options.ts';
import { usage } from '../parse/parse-words.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { flagTable, textTable } from '../text.ts';
import { print, printJson } from './print.ts';

const DEFAULT_TIMELINE = '50ms';
const NS_PER_MS = 1e6;

export async function sim(parsed: ParsedCommand, { cwd }: CommandContext): Promise<number> {
  const json = parsed.flags.has('json');
  if (parsed.flags.has('list')) return listWorkloads(json);
  const options = simulationOptions(parsed);
  const timelineNs = nanoseconds('timeline', value(parsed, 'timeline') ?? DEFAULT_TIMELINE);
  const controller = new AbortController();
  using _signals = cancelOnSignals(controller, () => process.exit(130));
  const stderr = createOutput(process.stderr);
  const onWarning = (message: string) => {
    const lines = message.split('\n').map(escapeForTerminal);
    void stderr.write(`devbox: WARNING: ${lines.join('\n  ')}\n`);
  };
  const result = await simulate({ ...options, cwd, onWarning, signal: controller.signal });
  const { policy: name, workload = '', args = [] } = options;
  if (json) {
    await printJson({ policy: name, args, workload, ...result });
    return 0;
  }
  const { simulationText } = await import('../simulation-text.ts');
  await print(simulationText(result, { name, workload, timelineNs }));
  return 0;
}

function simulationOptions(parsed: ParsedCommand): SimulationOptions {
  const policy = parsed.args[0];
  if (policy === undefined)
    throw usage('missing-argument', '`devbox sim` needs POLICY.', 'See `devbox help sim`.');
  const seed = value(parsed, 'seed') ?? '1';
  if (!/^-?\d{1,15}$/.test(seed)) throw usage('bad-seed', `--seed ${seed}: that is not a whole number.`);
  const duration = value(parsed, 'duration') ?? '1s';
  const agentLatency = value(parsed, 'agent-latency');
  if (nanoseconds('duration', duration) === 0)
    throw usage('bad-duration', `--duration ${duration}: nothing happens in no time.`, 'Try --duration 1s.');
  if (agentLatency !== undefined) nanoseconds('agent-latency', agentLatency);
  return {
    policy,
    types: (value(parsed, 'types') ?? 'warn') as NonNullable<SimulationOptions['types']>,
    args: parsed.rest ?? [],
    smp: value(parsed, 'smp') ?? '4',
    workload: value(parsed, 'workload') ?? 'demo',
    seed: Number(seed),
    duration,
    ...(agentLatency === undefined ? {} : { agentLatency }),
  };
}

function nanoseconds(flag: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return Math.round(ms * NS_PER_MS);
  throw usage(`bad-${flag}`, `--${flag} ${text}: that is not a time.`, 'Times look like 500ms, 2s or 50us.');
}

async function listWorkloads(json: boolean): Promise<number> {
  const workloads = await listSimulatorWorkloads();
  if (json) {
    await printJson(workloads);
    return 0;
  }
  const list = textTable(workloads.map(({ name, summary }) => [name, summary]));
  const flags = workloads
    .filter((workload) => workload.flags.length > 0)
    .map((workload) => `${workload.name}:\n${flagTable(workload.flags)}`);
  await print([list, 'Flags, as in --workload "spin: --threads 8":', ...flags].join('\n'));
  return 0;
}
