import { Histogram } from './histogram.ts';
import type { MetricsSink } from './policy-driver.ts';
import { EVENT, EVENT_FLAG_FALLBACK, EVENT_KIND } from './relay-records.ts';

/** Microseconds, apart from `samples`. */
export interface PercentileSummary {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly mean: number;
  readonly samples: number;
}

/** Wake-up latency, µs, and CPU time, of a CPU or a task. */
export interface ShareSummary {
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly ranMs: number;
  readonly turns: number;
}

export interface MetricsSummary {
  /** From the wake-up of a task to its first instruction. */
  readonly latencyUs: PercentileSummary;
  /** From runnable to running, of every turn: also after a preemption. */
  readonly waitUs: PercentileSummary;
  /** How long turns were. */
  readonly ranUs: PercentileSummary;
  readonly turns: number;
  /** Turns that the kernel side gave by itself. */
  readonly fallbacks: number;
  /** CPUs on which something ran. */
  readonly perCpu: readonly ({ readonly cpu: number } & ShareSummary)[];
  /** The first tasks that ran. */
  readonly perTask: readonly ({ readonly pid: number; readonly tgid: number } & ShareSummary)[];
  /** How many more ran. */
  readonly tasksLeftOut: number;
}

export interface MetricsOptions {
  readonly capacity: number;
  readonly cpuCount: number;
  /** How many tasks have a record of their own. */
  readonly maxTasks?: number;
}

export interface Metrics extends MetricsSink {
  summary(): MetricsSummary;
}

class Share {
  readonly latency = new Histogram();
  /** Nanoseconds run, turns. */
  readonly totals = new Float64Array(2);

  ran(words: Uint32Array, at: number): void {
    const totals = this.totals;
    totals[0] = (totals[0] as number) + (words[at] as number) + (words[at + 1] as number) * 2 ** 32;
    totals[1] = (totals[1] as number) + 1;
  }

  summary(): ShareSummary {
    const { latency, totals } = this;
    return {
      samples: latency.count,
      ...{ p50: us(latency.percentile(50)), p99: us(latency.percentile(99)), max: us(latency.max) },
      ...{ ranMs: Math.round(totals[0] as number) / 1e6, turns: totals[1] as number },
    };
  }
}

const DEFAULT_MAX_TASKS = 64;
/** For a task: nothing of it is recorded on its own. */
const LEFT_OUT = -1;
const UNSEEN = 0;

/** Latencies and run times from events: the same in a guest and in the simulator. Recording makes no garbage. */
export function createMetrics({ capacity, cpuCount, maxTasks = DEFAULT_MAX_TASKS }: MetricsOptions): Metrics {
  const wait = new Histogram();
  const ran = new Histogram();
  const cpus: (Share | undefined)[] = new Array(cpuCount).fill(undefined);
  const tasks: { pid: number; tgid: number; share: Share }[] = [];
  /** For each number of a task: 1 + its place in `tasks`. */
  const places = new Int32Array(capacity);
  /** Whether it woke up since its last turn. */
  const woke = new Uint8Array(capacity);
  let fallbacks = 0;
  let tasksLeftOut = 0;

  function shareOfTask(events: Uint32Array, offset: number): Share | undefined {
    const task = events[offset + EVENT.task] as number;
    if (places[task] === UNSEEN) {
      if (tasks.length === maxTasks) {
        places[task] = LEFT_OUT;
        tasksLeftOut += 1;
      } else {
        const pid = (events[offset + EVENT.pid] as number) | 0;
        tasks.push({ pid, tgid: (events[offset + EVENT.tgid] as number) | 0, share: new Share() });
        places[task] = tasks.length;
      }
    }
    return tasks[(places[task] as number) - 1]?.share;
  }

  function turn(events: Uint32Array, offset: number): void {
    const task = events[offset + EVENT.task] as number;
    const cpu = events[offset + EVENT.cpu] as number;
    if (((events[offset + EVENT.flags] as number) & EVENT_FLAG_FALLBACK) !== 0) fallbacks += 1;
    let ofCpu = cpus[cpu];
    if (!ofCpu && cpu < cpuCount) {
      ofCpu = new Share();
      cpus[cpu] = ofCpu;
    }
    const ofTask = shareOfTask(events, offset);
    ran.recordWords(events, offset + EVENT.ran);
    ofCpu?.ran(events, offset + EVENT.ran);
    ofTask?.ran(events, offset + EVENT.ran);
    wait.recordWords(events, offset + EVENT.waited);
    if (woke[task] === 0) return;
    woke[task] = 0;
    ofCpu?.latency.recordWords(events, offset + EVENT.waited);
    ofTask?.latency.recordWords(events, offset + EVENT.waited);
  }

  return {
    event(events, offset) {
      const task = events[offset + EVENT.task] as number;
      const kind = events[offset + EVENT.kind];
      switch (kind) {
        case EVENT_KIND.new:
          places[task] = UNSEEN;
          woke[task] = 0;
          return;
        case EVENT_KIND.runnable:
          woke[task] = 1;
          return;
        case EVENT_KIND.preempted:
        case EVENT_KIND.yielded:
        case EVENT_KIND.blocked:
          // A task that stopped without having run was only queued anew.
          if (events[offset + EVENT.ran] !== 0 || events[offset + EVENT.ran + 1] !== 0) turn(events, offset);
      }
    },
    summary: () => ({
      ...{ latencyUs: percentiles(sumOf(cpus)), waitUs: percentiles(wait), ranUs: percentiles(ran) },
      turns: ran.count,
      fallbacks,
      perCpu: cpus.flatMap((share, cpu) => (share ? [{ cpu, ...share.summary() }] : [])),
      perTask: tasks.map(({ pid, tgid, share }) => ({ pid, tgid, ...share.summary() })),
      tasksLeftOut,
    }),
  };
}

/** The latencies of all CPUs together. */
function sumOf(cpus: readonly (Share | undefined)[]): Histogram {
  const sum = new Histogram();
  for (const share of cpus) if (share) sum.add(share.latency);
  return sum;
}

/** ns to µs, to a nanosecond. */
function us(ns: number): number {
  return Math.round(ns) / 1000;
}

function percentiles(histogram: Histogram): PercentileSummary {
  const at = (percent: number) => us(histogram.percentile(percent));
  return {
    ...{ p50: at(50), p90: at(90), p99: at(99), p999: at(99.9) },
    ...{ max: us(histogram.max), mean: us(histogram.mean), samples: histogram.count },
  };
}
