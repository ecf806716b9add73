import { TIMERS_LOST } from '../../core/agent-error.ts';
import { Failure } from '../../core/failure.ts';
import { cpuStats, cpuStatsTable } from './cpu-stats.ts';
import type { GarbageStats } from './garbage.ts';
import type { MetricsSummary } from './metrics.ts';
import { metricsText } from './metrics-text.ts';
import type { OverdueCpu } from './overdue-timers.ts';
import { isOurs, type SourceLocation } from './policy-error.ts';
import type { FailureText } from './policy-worker-message.ts';
import type { RecentDecision } from './recent-decisions.ts';
import type { AgentSurroundings } from './run-agent.ts';
import type { AttachedScheduler } from './scheduler.ts';

/** What an agent tells of its policy: counters, latencies, collections, the last decisions, and what went wrong. */

type Out = Pick<AgentSurroundings, 'report' | 'stdout'>;

export function reportStats(scheduler: AttachedScheduler, { report, stdout }: Out, final: boolean): void {
  const stats = cpuStats(scheduler.readPerCpu('cpu_stats'));
  report({ type: 'agent-stats', final, ...stats });
  stdout(`${cpuStatsTable(stats)}\n`);
  if (final) stdout(unsentText(stats.totals.unsent ?? 0) + unansweredText(stats.totals.unanswered ?? 0));
}

/** Empty when the policy was never silent for long. */
export function unansweredText(turns: number): string {
  if (turns === 0) return '';
  return `The policy did not answer for long: the kernel side gave ${turns === 1 ? 'one turn' : `${turns} turns`} without it.\n`;
}

/** Empty when the policy heard of all. */
export function unsentText(turns: number): string {
  if (turns === 0) return '';
  return `The policy was not asked ${turns === 1 ? 'once' : `${turns} times`}: the ring was full (--ring N), or there were more tasks than --max-tasks. The kernel side ran those tasks by itself.\n`;
}

export function reportMetrics(metrics: MetricsSummary, form: string, { report, stdout }: Out): void {
  const told = { type: 'policy-metrics', final: true, ...bounded(metrics) };
  report(told);
  stdout(`${form === 'json' ? JSON.stringify(told) : metricsText(metrics)}\n`);
}

/** A report has room for so many tasks. */
const MAX_TASKS = 100;

function bounded(metrics: MetricsSummary): MetricsSummary {
  const { perTask, tasksLeftOut } = metrics;
  const kept = perTask.slice(0, MAX_TASKS);
  return { ...metrics, perTask: kept, tasksLeftOut: tasksLeftOut + perTask.length - kept.length };
}

export function reportGarbage(garbage: GarbageStats, { report }: Out): void {
  report({ type: 'policy-garbage', ...garbage });
}

/** Infinity is no JSON: a slice without end is left out. */
export function reportDecisions(decisions: readonly RecentDecision[], { report }: Out): void {
  const told = decisions.map(({ slice, ...rest }) => ({
    ...rest,
    ...(Number.isFinite(slice) && { sliceNs: slice }),
  }));
  report({ type: 'policy-decisions', decisions: told });
}

export function failureOf({ hint, ...failure }: FailureText): Failure {
  return new Failure({ ...failure, ...(hint === undefined ? {} : { hint }) });
}

export interface StuckPolicy {
  readonly policy: string;
  readonly stallMs: number;
  /** Where its thread is, our own frames included. */
  readonly frames: readonly SourceLocation[];
  /** Where it is in the kernel, as threadPlace() says. */
  readonly place: string | undefined;
  /** How full its heap is; NaN: not known. */
  readonly heapMb: number;
  readonly heapLimitMb: number;
}

/** From here on V8 does little but look for something to collect. */
const FULL = 0.75;
const FORGET = 'Forget tasks in taskDead and taskDeparted; queues of the context do so by themselves.';

export function stuckFailure(stuck: StuckPolicy): Failure {
  const { policy, stallMs, frames, place, heapMb, heapLimitMb } = stuck;
  const theirs = frames.filter(({ file }) => !isOurs(file));
  const lineOf = ({ file, line, column }: SourceLocation) => `${file}:${line}:${column}`;
  const at = theirs[0];
  const full = heapMb > heapLimitMb * FULL;
  const memory = full ? `, with ${Math.round(heapMb)} of ${heapLimitMb} MB of memory used up` : '';
  return new Failure({
    kind: 'agent',
    code: full ? 'policy-out-of-memory' : 'policy-stuck',
    message: `${at ? `${lineOf(at)}: ` : ''}The policy ${policy} did not come back within ${stallMs} ms${memory}; tasks went back to the kernel.`,
    evidence: [...theirs.slice(0, 10).map((frame) => `at ${lineOf(frame)}`), ...(place ? [place] : [])],
    hint: full ? FORGET : 'A method of a policy has to return at once. --stall DURATION gives it more time.',
  });
}

/** The policy waits for a kernel that no longer runs timers: it is no fault of the policy. */
export function overdueFailure(policy: string, stallMs: number, overdue: readonly OverdueCpu[]): Failure {
  const cpus = overdue.map(({ cpu, lateMs }) => `those of CPU ${cpu} are ${lateMs} ms late`);
  return new Failure({
    kind: 'agent',
    code: TIMERS_LOST,
    message: `The guest's timers do not run: ${cpus.join(', ')}. The policy ${policy} was not woken for ${stallMs} ms.`,
    evidence: overdue.flatMap(({ evidence }) => evidence),
    hint: 'A timer interrupt was lost, by the kernel or by what emulates the machine: no fault of the scheduler. Run it again.',
  });
}

/** An error that nobody caught in the thread: out of memory, or thrown where the policy is not asked (a promise, a timer). */
export function threadFailure(
  policy: string,
  error: Error & { readonly code?: string },
  heapMb: number,
): FailureText {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return {
      kind: 'agent',
      code: 'policy-out-of-memory',
      message: `${policy}: the policy used up its memory, ${heapMb} MB.`,
      hint: FORGET,
      evidence: [],
    };
  }
  return {
    kind: 'agent',
    code: 'policy-failed',
    message: `${policy}: the policy failed: ${error.message}`,
    evidence: (error.stack ?? '').split('\n').slice(1, 20),
  };
}
