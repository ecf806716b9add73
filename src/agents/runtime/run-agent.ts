import type { Failure } from '../../core/failure.ts';
import type { SchedulerExit } from '../../core/scheduler-exit.ts';
import type { SchedulerAddon } from './addon.ts';
import { type CpuStats, cpuStats, cpuStatsTable } from './cpu-stats.ts';
import { asksForRestart } from './exit-record.ts';
import { LoadFailure } from './load-failure.ts';
import { boundedDump, chunks, type WriteReport } from './report.ts';
import { type AttachedScheduler, loadScheduler, type SchedulerSource } from './scheduler.ts';

/** What the kernel threw out. EX_TEMPFAIL: the same agent may do better with other flags or another load. */
export const EXIT_EJECTED = 75;

export interface SchedulerAgent {
  readonly source: SchedulerSource;
  /** For people: `slice 20 ms`. */
  readonly settings: string;
  /** A per-CPU map of counters. */
  readonly statsMap?: string;
  /** Milliseconds between counters while running; 0: only at the end. */
  readonly statsEveryMs?: number;
}

export interface AgentSurroundings {
  readonly addon: SchedulerAddon;
  readonly report: WriteReport;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Aborted when the agent is asked to stop. */
  readonly stop: AbortSignal;
}

/** Runs the scheduler until it is asked to stop (0) or the kernel throws it out (75). Throws a Failure when it cannot start. */
export async function runSchedulerAgent(agent: SchedulerAgent, around: AgentSurroundings): Promise<number> {
  for (;;) {
    const exit = await runOnce(agent, around);
    if (exit === 'stopped') return 0;
    if (!asksForRestart(exit)) return EXIT_EJECTED;
    around.stdout('The kernel asked for a restart: loading again.\n');
  }
}

async function runOnce(agent: SchedulerAgent, around: AgentSurroundings): Promise<SchedulerExit | 'stopped'> {
  const name = String(agent.source.members.name);
  using loaded = loadScheduler(around.addon, agent.source);
  using scheduler = loaded.attach();
  around.stdout(`${name} schedules (${agent.settings}).\n`);
  around.report({ type: 'agent-ready', scheduler: name });

  const stopTicking = reportRegularly(agent, scheduler, around);
  const asked = new Promise<void>((resolve) => {
    if (around.stop.aborted) resolve();
    around.stop.addEventListener('abort', () => resolve(), { once: true });
  });
  const thrownOut = await Promise.race([scheduler.exit, asked.then(() => undefined)]);
  stopTicking();
  if (!thrownOut) scheduler.detach();
  const exit = thrownOut ?? (await scheduler.exit);

  const stats = readStats(agent, scheduler);
  if (stats) {
    around.report({ type: 'agent-stats', final: true, ...stats });
    around.stdout(`${cpuStatsTable(stats)}\n`);
  }
  // The kernel may throw it out at the very moment it is asked to stop: its word counts.
  if (!thrownOut && exit.kindName === 'unregistered') return 'stopped';
  reportExit(name, exit, around);
  return exit;
}

function readStats(agent: SchedulerAgent, scheduler: AttachedScheduler): CpuStats | undefined {
  return agent.statsMap === undefined ? undefined : cpuStats(scheduler.readPerCpu(agent.statsMap));
}

function reportRegularly(
  agent: SchedulerAgent,
  scheduler: AttachedScheduler,
  around: AgentSurroundings,
): () => void {
  if (!agent.statsEveryMs || agent.statsMap === undefined) return () => undefined;
  const timer = setInterval(() => {
    const stats = readStats(agent, scheduler);
    if (!stats) return;
    around.report({ type: 'agent-stats', final: false, ...stats });
    around.stdout(`${cpuStatsTable(stats)}\n`);
  }, agent.statsEveryMs);
  return () => clearInterval(timer);
}

export function reportExit(name: string, exit: SchedulerExit, { report, stderr }: AgentSurroundings): void {
  const { kind, kindName, exitCode, reason, message } = exit;
  report({
    type: 'scheduler-exit',
    scheduler: name,
    kind,
    kindName,
    exitCode,
    reason,
    message,
    ...boundedDump(exit.dump),
  });
  stderr(
    `The kernel ejected ${name}: ${reason}${message === '' ? '' : ` (${message})`}, exit kind ${kind}.\n`,
  );
}

/** The whole verifier log goes into the reports, its last lines to people. */
export function reportFailure(
  failure: Failure,
  { report, stderr }: Pick<AgentSurroundings, 'report' | 'stderr'>,
): void {
  if (failure instanceof LoadFailure) {
    let part = 0;
    for (const text of chunks(failure.verifierLog)) {
      report({ type: 'verifier-log', part, text });
      part += 1;
    }
  }
  const { code, message, hint, evidence } = failure;
  report({
    type: 'agent-error',
    code,
    message,
    ...(hint !== undefined && { hint }),
    evidence: boundedLines(evidence),
  });
  stderr(`${[message, ...evidence.map((line) => `  | ${line}`), ...(hint ? [hint] : [])].join('\n')}\n`);
}

function boundedLines(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.slice(0, 1000));
}
