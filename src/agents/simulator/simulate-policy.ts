import { Failure } from '../../core/failure.ts';
import { parseSmp, type SmpTopology } from '../../core/smp.ts';
import { parseDuration } from '../../core/units.ts';
import type { PolicyDefinition } from '../policy/define-policy.ts';
import { readParams } from '../policy/params.ts';
import { findSimWorkload, SIM_WORKLOADS } from './sim-workloads.ts';
import { type SimulationResult, simulate } from './simulate.ts';
import type { SimWorkload } from './workload.ts';

export interface SimulateOptions {
  /** CPUs, or a topology as `--smp` takes it: `sockets=2,cores=4,threads=2`. Default 4. */
  readonly smp?: number | string;
  /** As `--workload` takes it, `spin: --threads 8`, or one of your own. Default: the first that `devbox sim --list` shows. */
  readonly workload?: string | SimWorkload;
  /** Simulated time, such as `500ms`. Default: `1s`. */
  readonly duration?: string;
  /** A whole number; the same one gives the same simulation. Default 1. */
  readonly seed?: number;
  /** By their names in the policy, as they would be typed as flags: `{ minGranularity: '2ms', depth: 3 }`. */
  readonly params?: Readonly<Record<string, string | number>>;
  /** Flags of the policy as they would be typed, after `params`. */
  readonly args?: readonly string[];
  /** The policy, for messages; default: `policy`. */
  readonly name?: string;
  /** From an event to the decision about it, such as `20us`. Default: at once. */
  readonly agentLatency?: string;
  /** How many turns the timeline keeps. */
  readonly timelineTurns?: number;
}

const NS_PER_MS = 1e6;
/** As the simulator's tables allow. */
export const MAX_SIMULATED_CPUS = 4096;

/**
 * Runs a policy in the simulator. Throws a usage Failure for options that cannot be, and a PolicyError, which names file and line,
 * for a mistake of the policy.
 */
export function simulatePolicy(
  definition: PolicyDefinition,
  options: SimulateOptions = {},
): SimulationResult {
  const { smp = 4, workload, duration = '1s', seed = 1, agentLatency, timelineTurns } = options;
  const { params = {}, args = [], name = 'policy' } = options;
  if (!Number.isSafeInteger(seed))
    throw usage('bad-seed', `The seed ${seed} is not a whole number.`, 'Try 1.');
  const topology = parseSmp(String(smp), { max: MAX_SIMULATED_CPUS, whose: 'the simulator' });
  const argv = [...Object.entries(params).map(([key, value]) => `--${flagName(key)}=${value}`), ...args];
  return simulate({
    definition,
    params: readParams(name, definition.params ?? {}, argv),
    cpus: topology.cpus,
    ...(isFlat(topology) ? {} : { topology: tablesOf(topology) }),
    workload: typeof workload === 'object' ? workload : namedWorkload(workload),
    seed,
    durationNs: nanoseconds('duration', duration),
    ...(agentLatency === undefined ? {} : { agentLatencyNs: nanoseconds('agentLatency', agentLatency) }),
    ...(timelineTurns === undefined ? {} : { timelineTurns }),
  });
}

/** `NAME`, or `NAME: FLAGS` divided at blanks. */
function namedWorkload(text = SIM_WORKLOADS[0]?.name ?? ''): SimWorkload {
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  const flags = colon === -1 ? '' : text.slice(colon + 1);
  return findSimWorkload(name.trim()).make(flags.split(/\s+/).filter((word) => word !== ''));
}

function nanoseconds(what: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 0) return Math.round(ms * NS_PER_MS);
  throw usage(`bad-${what}`, `"${text}" is not a time.`, 'Times look like 500ms, 2s or 50us.');
}

/** A number of CPUs says nothing of how they hang together. */
function isFlat({ sockets, threads }: SmpTopology): boolean {
  return sockets === 1 && threads === 1;
}

function tablesOf({ cpus, cores, threads }: SmpTopology) {
  const table = (size: number) => Int32Array.from({ length: cpus }, (_, cpu) => Math.floor(cpu / size));
  return { core: table(threads), cache: table(cores * threads), node: table(cores * threads) };
}

function flagName(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function usage(code: string, message: string, hint: string): Failure {
  return new Failure({ kind: 'usage', code, message, hint });
}
