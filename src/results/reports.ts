/** A guest's reports are untrusted JSON: what does not look as expected is left out, never guessed. */

export interface CpuStats {
  readonly cpu: number;
  /** Counter name to its value, in the agent's order. */
  readonly counters: ReadonlyMap<string, number>;
}

/** `{"type":"agent-stats","perCpu":[{"cpu":0,"dispatched":12,…},…]}` */
export interface AgentStats {
  readonly cpus: readonly CpuStats[];
}

export interface WorkloadFigures {
  readonly name: string;
  /** Microseconds by name: `p50`, `p99`, `max`. */
  readonly latencyUs: ReadonlyMap<string, number>;
  /** Everything else that was measured. */
  readonly values: ReadonlyMap<string, number>;
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
  const latency = rest.latency_us;
  const values = numbers(rest, MAX_COUNTERS);
  const name = typeof workload === 'string' ? workload : typeof type === 'string' ? type : undefined;
  if (name === undefined) return undefined;
  const latencyUs = isRecord(latency) ? numbers(latency, MAX_COUNTERS) : new Map<string, number>();
  return latencyUs.size + values.size > 0 ? { name: name.slice(0, 64), latencyUs, values } : undefined;
}

function numbers(record: Record<string, unknown>, limit: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === 'number' && Number.isFinite(value) && found.size < limit)
      found.set(name.slice(0, 40), value);
  }
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
