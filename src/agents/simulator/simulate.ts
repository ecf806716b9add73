import { Failure } from '../../core/failure.ts';
import type { PolicyDefinition } from '../policy/define-policy.ts';
import type { CpuTopology } from '../runtime/cpu-table.ts';
import { createMetrics, type MetricsSummary } from '../runtime/metrics.ts';
import { createPolicyDriver } from '../runtime/policy-driver.ts';
import { DECISION_WORDS } from '../runtime/relay-records.ts';
import { JainIndex } from './fairness.ts';
import { LateDecisions } from './late-decisions.ts';
import { seededRandom } from './random.ts';
import { createControl } from './sim-control.ts';
import { SimKernel } from './sim-kernel.ts';
import { createTimeline, type TimelineSegment } from './timeline.ts';
import type { SimWorkload } from './workload.ts';

export interface SimulationOptions {
  readonly definition: PolicyDefinition;
  /** As readParams gives them. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly cpus: number;
  /** Default: every CPU a core, eight share a cache, 64 a node. */
  readonly topology?: CpuTopology;
  readonly workload: SimWorkload;
  /** A whole number: the same one gives the same simulation. */
  readonly seed: number;
  readonly durationNs: number;
  /** From an event to the decision about it. Default 0: at once. */
  readonly agentLatencyNs?: number;
  /** How many turns the timeline keeps for all CPUs together. Default 4096. */
  readonly timelineTurns?: number;
  /** Is shown the events before the policy is: `count` of them. They are overwritten afterwards. */
  readonly onEvents?: (events: Uint32Array, count: number) => void;
  /** Called when everything that happened at a moment has happened: for tests. */
  readonly onSettled?: (kernel: SimKernel) => void;
}

export interface SimulatedCpu {
  readonly cpu: number;
  readonly busyNs: number;
  /** 0 to 1. */
  readonly utilisation: number;
}

/** Plain data. Times are simulated. */
export interface SimulationResult {
  readonly cpus: number;
  readonly seed: number;
  /** Shorter than asked for when all tasks ended. */
  readonly durationNs: number;
  readonly tasksCreated: number;
  readonly tasksAlive: number;
  readonly events: number;
  readonly decisions: number;
  /** Came too late: the task had changed meanwhile. */
  readonly staleDecisions: number;
  readonly utilisation: number;
  readonly contextSwitches: number;
  readonly migrations: number;
  /** Turns that were cut short by the policy. */
  readonly preemptions: number;
  /** Jain's index of what tasks got of the time that they wanted to run: 1 is the same for all. */
  readonly jain: number;
  /** The same with each share divided by the task's weight. */
  readonly jainWeighted: number;
  /** For workloads with deadlines; `worstLatenessNs` is negative when all were met. */
  readonly deadlines?: { readonly met: number; readonly missed: number; readonly worstLatenessNs: number };
  /** Of a task that still waits at the end; 0 when none does. */
  readonly longestWaitNs: number;
  readonly perCpu: readonly SimulatedCpu[];
  readonly metrics: MetricsSummary;
  readonly timeline: readonly TimelineSegment[];
  /** How many turns it left out. */
  readonly timelineLeftOut: number;
}

const DECISION_ROOM = 256;
const TICK_NS = 4e6;
const LEAST_TIMER_NS = 1000;
const DEFAULT_TIMELINE_TURNS = 4096;

/**
 * Runs a policy on simulated CPUs. The same options give the same result, to the byte. Throws a PolicyError for a mistake of the
 * policy, and a Failure for one that goes on for ever without letting time pass.
 */
export function simulate(options: SimulationOptions): SimulationResult {
  const { cpus, workload, seed, durationNs, agentLatencyNs = 0, onSettled } = options;
  const capacity = workload.capacity(cpus);
  const timeline = createTimeline(options.timelineTurns ?? DEFAULT_TIMELINE_TURNS);
  const acted = createControl(
    () => kernel,
    seededRandom(seed),
    (task, control) => workload.next(task, control),
  );
  const kernel: SimKernel = new SimKernel({
    ...{ cpus, capacity, next: acted.act },
    turns: { turn: (cpu, task, start, end) => timeline.add(cpu, kernel.tasks.pid(task), start, end) },
  });
  const fairness = createFairness(kernel);

  const metrics = createMetrics({ capacity, cpuCount: cpus });
  const decisions = new Uint32Array(DECISION_ROOM * DECISION_WORDS);
  const late = new LateDecisions();
  const count = { events: 0, decisions: 0 };
  const driver = createPolicyDriver({
    ...{ definition: options.definition, params: options.params, metrics },
    backend: {
      ...{ capacity, cpuCount: cpus, masks: kernel.tasks.masks, maskWords: kernel.maskWords, decisions },
      topology: options.topology ?? defaultTopology(cpus),
      hints: {
        deadline: (pid) => kernel.tasks.deadline[kernel.tasks.taskOf(pid)] as number,
        qos: (pid) => kernel.tasks.qos[kernel.tasks.taskOf(pid)] as number,
      },
      flush(decided) {
        count.decisions += decided;
        if (agentLatencyNs > 0) late.add(decisions, decided);
        else kernel.carryOut(decisions, decided);
      },
    },
  });

  const [timer, ticks, agent] = [kernel.extra, kernel.extra + 1, kernel.extra + 2];
  let spare = new Uint32Array(kernel.events.length);
  const guard = createProgressGuard(cpus + capacity);

  const ask = () => {
    const [batch, batchCount] = [kernel.events, kernel.eventCount];
    kernel.events = spare;
    kernel.eventCount = 0;
    spare = batch;
    count.events += batchCount;
    options.onEvents?.(batch, batchCount);
    driver.handle(batch, batchCount);
  };
  const settle = () => {
    if (agentLatencyNs > 0) {
      // One thing at a time: what happens meanwhile the agent sees afterwards.
      if (kernel.eventCount > 0 && !kernel.agenda.has(agent)) ask();
      if (late.count > 0 && !kernel.agenda.has(agent)) kernel.agenda.push(agent, kernel.now + agentLatencyNs);
    } else
      while (kernel.eventCount > 0) {
        guard(kernel.now);
        ask();
      }
    const next = driver.nextTimer();
    if (next === Number.POSITIVE_INFINITY) kernel.agenda.remove(timer);
    // A timer in the past would never let time pass.
    else kernel.agenda.push(timer, next > kernel.now ? next : kernel.now + LEAST_TIMER_NS);
    onSettled?.(kernel);
  };

  workload.start(acted.control);
  if (driver.wantsTicks) kernel.agenda.push(ticks, TICK_NS);
  settle();
  while (kernel.agenda.peekKey() < durationNs && kernel.tasks.alive > 0) {
    kernel.now = Math.max(kernel.now, Math.ceil(kernel.agenda.peekKey()));
    const entry = kernel.agenda.shift();
    if (entry < kernel.extra) kernel.due(entry);
    else if (entry === timer) driver.timer(kernel.now);
    else if (entry === agent) late.carryOut(kernel);
    else {
      kernel.tick();
      kernel.agenda.push(ticks, kernel.now + TICK_NS);
    }
    guard(kernel.now);
    settle();
  }
  if (kernel.tasks.alive > 0) kernel.now = durationNs;
  kernel.settle();

  const busy = kernel.busy.reduce((sum, each) => sum + each, 0);
  const { met, missed, worstLateness } = acted.jobs;
  return {
    ...{ cpus, seed, durationNs: kernel.now, ...count, staleDecisions: kernel.stale },
    ...{ tasksCreated: kernel.tasks.created, tasksAlive: kernel.tasks.alive },
    utilisation: share(busy, kernel.now * cpus),
    ...{ contextSwitches: kernel.switches, migrations: kernel.migrations, preemptions: kernel.preemptions },
    ...fairness(),
    ...(met + missed > 0 && { deadlines: { met, missed, worstLatenessNs: worstLateness } }),
    perCpu: Array.from(kernel.busy, (busyNs, cpu) => ({
      cpu,
      busyNs,
      utilisation: share(busyNs, kernel.now),
    })),
    metrics: metrics.summary(),
    timeline: timeline.segments(),
    timelineLeftOut: timeline.leftOut(),
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function defaultTopology(cpus: number): CpuTopology {
  return {
    core: Int32Array.from({ length: cpus }, (_, cpu) => cpu),
    cache: Int32Array.from({ length: cpus }, (_, cpu) => cpu >> 3),
    node: Int32Array.from({ length: cpus }, (_, cpu) => cpu >> 6),
  };
}

/** Gives what is known of fairness at the end, of tasks that ended before, too. */
function createFairness(kernel: SimKernel) {
  const plain = new JainIndex();
  const weighted = new JainIndex();
  let longestWaitNs = 0;
  const add = (ran: number, waited: number, weight: number) => {
    if (ran + waited === 0) return;
    plain.add(ran / (ran + waited));
    weighted.add(ran / (ran + waited) / weight);
  };
  kernel.tasks.onEnd = add;
  return () => {
    const { tasks } = kernel;
    for (let task = 0; task < tasks.highest; task += 1) {
      if (tasks.state[task] === 0) continue;
      add(tasks.totalRan[task] as number, tasks.totalWaited[task] as number, tasks.weight[task] as number);
      if (kernel.waits(task))
        longestWaitNs = Math.max(longestWaitNs, kernel.now - (tasks.since[task] as number));
    }
    return { jain: plain.value(), jainWeighted: weighted.value(), longestWaitNs };
  };
}

/** Time passes, or the policy decides the same thing again and again. Throws a Failure. */
function createProgressGuard(size: number): (now: number) => void {
  const most = 100_000 + 100 * size;
  let steps = 0;
  let last = -1;
  return (now) => {
    steps = now === last ? steps + 1 : 0;
    last = now;
    if (steps <= most) return;
    throw new Failure({
      kind: 'agent',
      code: 'no-progress',
      message: `The policy made ${most} rounds of decisions at ${now} ns without letting any task run.`,
      hint: 'It may preempt a CPU, or run a task with RUN_PREEMPT, whenever it is asked.',
    });
  };
}
