import type { DevboxEvent, ProcessExit } from '../core/event.ts';
import type { TestResult } from '../core/test-result.ts';
import type { Verdict } from '../core/verdict.ts';
import { type PolicyMetrics, policyMetrics } from './policy-metrics.ts';
import { type AgentStats, agentStats, type WorkloadFigures, workloadFigures } from './reports.ts';

/** What is worth saying about a run when it is over. */
export interface RunSummary {
  readonly runId?: string;
  /** ISO 8601, UTC. */
  readonly startedAt?: string;
  readonly command: readonly string[];
  readonly accel?: 'kvm' | 'tcg';
  readonly release?: string;
  readonly vcpus?: number;
  readonly scheduler?: string;
  readonly workload?: { readonly name: string; readonly exit?: ProcessExit; readonly ms?: number };
  /** The last one the agent sent. */
  readonly stats?: AgentStats;
  /** What the runtime of a policy measured, the last time that it told. */
  readonly metrics?: PolicyMetrics;
  /** What the workload measured, in the order reported. */
  readonly figures: readonly WorkloadFigures[];
  /** Warnings, for a last look: they may have scrolled away. */
  readonly warnings: readonly string[];
  /** Of a suite of tests; undefined for any other run. */
  readonly suite?: { readonly name: string; readonly results: readonly TestResult[] };
  readonly verdict?: Verdict;
  readonly exitCode?: number;
  readonly record?: string;
  /** Milliseconds up to the last event. */
  readonly ms: number;
}

/** Bounds what a guest that reports without end can make us keep. */
const MAX_FIGURES = 32;
const MAX_WARNINGS = 8;

export const EMPTY_SUMMARY: RunSummary = { command: [], figures: [], warnings: [], ms: 0 };

export function summarise(events: Iterable<DevboxEvent>): RunSummary {
  let summary = EMPTY_SUMMARY;
  for (const event of events) summary = addToSummary(summary, event);
  return summary;
}

/** The summary after one more event. */
export function addToSummary(before: RunSummary, event: DevboxEvent): RunSummary {
  const summary = { ...before, ms: event.t };
  switch (event.type) {
    case 'run-started':
      return { ...summary, runId: event.runId, startedAt: event.startedAt, command: event.command };
    case 'vm-started':
      return { ...summary, accel: event.accel };
    case 'guest-ready':
      return { ...summary, release: event.release, vcpus: event.vcpus };
    case 'notice':
      if (event.level !== 'warning' || summary.warnings.length >= MAX_WARNINGS) return summary;
      return { ...summary, warnings: [...summary.warnings, event.message] };
    case 'agent-ready':
      return { ...summary, scheduler: event.scheduler ?? event.agent };
    case 'workload-started':
      return { ...summary, workload: { name: event.workload } };
    case 'workload-exited':
      return { ...summary, workload: { name: '', ...summary.workload, exit: event.exit, ms: event.ms } };
    case 'report':
      return addReport(summary, event.from, event.report);
    case 'suite-started':
      return { ...summary, suite: { name: event.suite, results: [] } };
    case 'test-finished':
      return {
        ...summary,
        suite: { name: '', ...summary.suite, results: [...(summary.suite?.results ?? []), event.result] },
      };
    case 'verdict':
      return { ...summary, verdict: event.verdict };
    case 'run-finished':
      return { ...summary, exitCode: event.exitCode, record: event.record };
    default:
      return summary;
  }
}

function addReport(
  summary: RunSummary,
  from: 'agent' | 'workload',
  report: Readonly<Record<string, unknown>>,
): RunSummary {
  const stats = agentStats(report);
  if (from === 'agent' && stats) return { ...summary, stats };
  const metrics = policyMetrics(report);
  if (from === 'agent' && metrics) return { ...summary, metrics };
  const figures = workloadFigures(report);
  if (!figures || summary.figures.length >= MAX_FIGURES) return summary;
  return { ...summary, figures: [...summary.figures, figures] };
}
