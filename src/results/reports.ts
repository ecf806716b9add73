/** A guest's reports are untrusted JSON: what does not look as expected is left out, never guessed. */

interface CpuStats {
  readonly cpu: number;
  /** Counter name to its value, in the agent's order. */
  readonly counters: ReadonlyMap<string, number>;
}

/** `{"type":"agent-stats","perCpu":[{"cpu":0,"dispatched":12,…},…]}` */
export interface AgentStats {
  readonly cpus: readonly CpuStats[];
}

/** `{"type":"workload-result","workload":"demo","contextSwitches":9,"wakeupLatencyUs":{"samples":7,"p50":1.5,…},…}` */
export interface WorkloadFigures {
  readonly workload: string;
  /** By name; the end of a name is its unit: `durationMs`, `wakeupLatencyUs`, or none. */
  readonly values: ReadonlyMap<string, number>;
  /** Percentiles and the like of one quantity, by its name. */
  readonly distributions: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const MAX_CPUS = 1024;
const MAX_COUNTERS = 12;

export function agentStats(report: Readonly<Record<string, unknown>>): AgentStats | undefined {
  if (report.type !== 'agent-stats' || !Array.isArray(report.perCpu)) return undefined;
  const cpus = report.perCpu.slice(0, MAX_CPUS).flatMap((row: unknown, index) => {
    if (!isRecord(row)) return [];
    const { cpu, ...rest } = row;
    return [{ cpu: typeof cpu === 'number' ? cpu : index, counters: numbers(rest, MAX_COUNTERS) }];
  });
  return cpus.length > 0 ? { cpus } : undefined;
}

export function workloadFigures(report: Readonly<Record<string, unknown>>): WorkloadFigures | undefined {
  const { type, workload, ...rest } = report;
  if (type !== 'workload-result' || typeof workload !== 'string') return undefined;
  const distributions = new Map<string, Map<string, number>>();
  for (const [name, value] of Object.entries(rest)) {
    if (isRecord(value) && distributions.size < MAX_COUNTERS) {
      distributions.set(name.slice(0, 40), numbers(value, MAX_COUNTERS));
    }
  }
  return { workload: workload.slice(0, 64), values: numbers(rest, MAX_COUNTERS), distributions };
}

export function numbers(record: Record<string, unknown>, limit: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === 'number' && Number.isFinite(value) && found.size < limit)
      found.set(name.slice(0, 40), value);
  }
  return found;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
