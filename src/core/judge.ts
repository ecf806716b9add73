import { type AgentError, TIMERS_LOST } from './agent-error.ts';
import type { ProcessExit } from './event.ts';
import type { Failure } from './failure.ts';
import type { FindingKind, KernelFinding } from './finding.ts';
import { isEjection, type SchedulerExit } from './scheduler-exit.ts';
import type { Verdict, VerdictKind } from './verdict.ts';

/** The share of its time in which the host did not let a guest run, 0 to 1, and what that was, in words. */
export interface Slowness {
  readonly share: number;
  readonly why: string;
}

/** All that is known about a run when it has ended. Absent means: did not happen, or could not be learnt. */
export interface Evidence {
  /** What stopped the run before its end, if anything did; the first cause. */
  readonly failure?: Failure;
  readonly findings: readonly KernelFinding[];
  readonly schedulerExit?: SchedulerExit;
  /** How the agent ended by itself; its end is no evidence once it was asked to stop and obeyed. */
  readonly agent?: {
    readonly name: string;
    readonly exit: ProcessExit;
    readonly asked: boolean;
    readonly stderr: readonly string[];
    /** Why it ended, in its own words. */
    readonly error?: AgentError;
  };
  readonly workload?: {
    readonly name: string;
    readonly exit: ProcessExit;
    readonly stderr: readonly string[];
  };
  /** How little the host let the guest run. */
  readonly starvation?: Slowness;
  /** What is still loaded after the agent has gone, though nothing should be. */
  readonly leftLoaded?: string;
  /** Files in the run's directory that belong to the evidence. */
  readonly files?: readonly string[];
}

type Judgement = Omit<Verdict, 'findings'>;

/** Findings that are a verdict by themselves, when nothing worse happened. An ejected scheduler is told apart below. */
const SPLATS: ReadonlySet<FindingKind> = new Set([
  ...(['oops', 'bug', 'warning', 'lockdep', 'rcu-stall', 'soft-lockup', 'hard-lockup', 'hung-task'] as const),
  ...(['kasan', 'ubsan', 'sleeping-in-atomic', 'out-of-memory'] as const),
]);

/**
 * The one verdict. What the kernel says outweighs what processes say: a workload that exits 0 on a kernel that warned
 * has not passed, and an agent that died because its scheduler was thrown out is not the cause.
 */
export function judge(evidence: Evidence): Verdict {
  const judgement = fromStarvation(evidence) ??
    fromPanic(evidence) ??
    fromFailure(evidence, ['cancelled', 'guest-hang']) ??
    fromEjection(evidence) ??
    fromSplat(evidence) ??
    fromFailure(evidence) ??
    fromAgent(evidence) ??
    fromWorkload(evidence) ??
    fromLeftovers(evidence) ?? { kind: 'passed' as const, summary: passedSummary(evidence), evidence: [] };
  const { schedulerExit, files } = evidence;
  return {
    ...judgement,
    findings: evidence.findings,
    ...(schedulerExit === undefined ? {} : { schedulerExit }),
    ...(files === undefined || files.length === 0 ? {} : { files }),
  };
}

/** The same for a run that is to end in `expected`: a failure that is demanded has come, however slow the host was. */
export function judgeExpecting(evidence: Evidence, expected: VerdictKind = 'passed'): Verdict {
  if (expected === 'passed') return judge(evidence);
  const { starvation: _starvation, ...rest } = evidence;
  const verdict = judge(rest);
  return verdict.kind === expected ? verdict : judge(evidence);
}

function passedSummary({ agent, workload }: Evidence): string {
  const what = workload ? `${workload.name} ended with exit code 0` : 'The run came to its end';
  return `${what}${agent ? ` under ${agent.name}` : ''}, and the kernel had nothing to complain about.`;
}

/** From here on it was the host that was slow, not what was tested. */
const STARVED = 0.6;
/** Failures that mean "too late". */
const TIMING_FAILURES = new Set(['guest-hang', 'boot-timeout', 'workload-timeout', 'agent-not-ready']);
const TIMING_AGENT_ERRORS = new Set(['policy-stuck', TIMERS_LOST]);
const TIMING_FINDINGS: ReadonlySet<FindingKind> = new Set([
  ...(['rcu-stall', 'soft-lockup', 'hard-lockup', 'hung-task'] as const),
]);

/** A failure to be in time proves nothing when the host gave the guest no time to be in. */
function fromStarvation({
  starvation = { share: 0, why: '' },
  failure,
  findings,
  schedulerExit,
  agent,
}: Evidence): Judgement | undefined {
  if (starvation.share < STARVED || findings.some(({ kind }) => kind === 'panic')) return undefined;
  const late =
    (failure !== undefined && TIMING_FAILURES.has(failure.code) && failure.message) ||
    (schedulerExit?.kindName === 'error-stall' &&
      `The kernel threw the scheduler out: ${schedulerExit.reason}.`) ||
    findings.find(({ kind }) => TIMING_FINDINGS.has(kind))?.title ||
    (TIMING_AGENT_ERRORS.has(agent?.error?.code ?? '') && agent?.error?.message);
  if (!late) return undefined;
  return blamed(late, starvation, failure?.evidence ?? []);
}

function blamed(late: string, { why }: Slowness, evidence: readonly string[]): Judgement {
  return {
    kind: 'inconclusive',
    summary: `${late} But the host was overloaded: ${why}, so this proves nothing.`,
    evidence,
    hint: 'Run it again on a quieter machine, or with fewer vCPUs or fewer guests at once.',
  };
}

/** A verdict that something was too late, when the host let it be in time; else that nothing was proved. */
export function blameSlowHost(verdict: Verdict, starvation: Slowness): Verdict {
  if (starvation.share < STARVED) return verdict;
  return { ...verdict, ...blamed(verdict.summary, starvation, verdict.evidence) };
}

function fromPanic({ findings, failure }: Evidence): Judgement | undefined {
  const panic = findings.find(({ kind }) => kind === 'panic');
  if (panic) {
    const before = findings.find(({ kind }) => SPLATS.has(kind));
    return {
      kind: 'kernel-panic',
      summary: panic.title,
      evidence: [...(before?.lines ?? []), ...panic.lines],
      hint: isShortOfMemory(panic.title, findings)
        ? 'Give the guest more with --memory.'
        : 'The console in the record has all that led to it.',
    };
  }
  return failure?.code === 'kernel-panic'
    ? { kind: 'kernel-panic', summary: failure.message, evidence: failure.evidence }
    : undefined;
}

/** Early in its life a kernel says only what it could not make: kernel/workqueue.c, mm/page_alloc.c, mm/slab_common.c. */
function isShortOfMemory(panic: string, findings: readonly KernelFinding[]): boolean {
  return (
    /out of memory|deadlocked on memory|\balloc|cannot create|not enough memory|no memory/i.test(panic) ||
    findings.some(({ kind }) => kind === 'out-of-memory')
  );
}

/** Which verdict a failure stands for. Usage and host failures never come here when nothing was run. */
export function verdictOfFailure(failure: Failure): VerdictKind {
  if (failure.code === 'kernel-panic') return 'kernel-panic';
  if (failure.code === 'guest-hang') return 'guest-hang';
  if (failure.code === 'workload-timeout') return 'test-failed';
  if (failure.kind === 'cancelled') return 'cancelled';
  if (failure.kind === 'boot') return 'boot-failed';
  if (failure.kind === 'agent') return 'agent-failed';
  // A guest that powered itself off or broke the protocol did something no test may do.
  if (failure.kind === 'guest')
    return failure.code === 'guest-gone' ? 'test-failed' : 'infrastructure-failed';
  return 'infrastructure-failed';
}

function fromFailure({ failure }: Evidence, only?: readonly VerdictKind[]): Judgement | undefined {
  if (!failure) return undefined;
  const kind = verdictOfFailure(failure);
  if (only && !only.includes(kind)) return undefined;
  const evidence = [
    ...failure.evidence,
    ...(failure.log === undefined ? [] : [`The rest is in ${failure.log}.`]),
  ];
  return {
    kind,
    summary: failure.message,
    evidence,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  };
}

function fromEjection({ schedulerExit, findings }: Evidence): Judgement | undefined {
  const finding = findings.find(({ kind }) => kind === 'scheduler-ejected');
  if (schedulerExit && isEjection(schedulerExit)) {
    const { reason, message, dump } = schedulerExit;
    return {
      kind: 'scheduler-ejected',
      summary: `The kernel threw the scheduler out: ${[reason, message].filter((part) => part !== '').join(': ')}.`,
      evidence: [
        ...(finding?.lines ?? []),
        ...dump
          .split('\n')
          .filter((line) => line.trim() !== '')
          .slice(0, 40),
      ],
      hint: ejectionHint(schedulerExit),
    };
  }
  if (!finding) return undefined;
  return {
    kind: 'scheduler-ejected',
    summary: `The kernel threw the scheduler out: ${finding.title.replace(/^sched_ext: /, '')}.`,
    evidence: finding.lines,
    hint: 'The kernel prints its reason on the console; a scheduler that records its exit has the dump as well.',
  };
}

function ejectionHint(exit: SchedulerExit): string {
  switch (exit.kindName) {
    case 'error-stall':
      return 'A runnable task waited longer than the watchdog allows: look for a task that is enqueued and never dispatched.';
    case 'error-bpf':
      return 'The scheduler itself called scx_bpf_error(); the message is its own.';
    case 'sysrq':
      return 'Somebody typed SysRq-S.';
    default:
      return 'The kernel refused something the scheduler did; the message names it, the dump shows the state.';
  }
}

function fromSplat({ findings }: Evidence): Judgement | undefined {
  const splat = findings.find(({ kind }) => SPLATS.has(kind));
  if (!splat) return undefined;
  const others = findings.length - 1;
  return {
    kind: 'kernel-splat',
    summary: `${splat.title}${others > 0 ? ` (and ${others} more)` : ''}`,
    evidence: splat.lines,
    hint:
      splat.kind === 'out-of-memory'
        ? 'Give the guest more with --memory, or the workload less to do.'
        : 'Whatever the processes printed: a kernel that complains has not passed.',
  };
}

function fromAgent({ agent }: Evidence): Judgement | undefined {
  if (!agent) return undefined;
  const { exit, asked, name, error } = agent;
  // A program without a handler ends by the very signal that asks it to stop: that is obeying.
  const obeyed = asked && (exit.code === 0 || exit.signal === 'SIGINT' || exit.signal === 'SIGTERM');
  if (obeyed) return undefined;
  if (error && error.message !== '') {
    const { code, message, evidence, hint } = error;
    const kind = code === TIMERS_LOST ? 'guest-hang' : 'agent-failed';
    return { kind, summary: message, evidence, ...(hint === undefined ? {} : { hint }) };
  }
  const when = asked ? 'when asked to stop' : 'before it was asked to stop';
  return {
    kind: 'agent-failed',
    summary: `The agent ${name} ${describeExit(exit)} ${when}.`,
    evidence: agent.stderr,
    hint: asked ? 'An agent unloads its scheduler and exits 0 on SIGINT.' : 'Its output is in the record.',
  };
}

function fromWorkload({ workload }: Evidence): Judgement | undefined {
  if (!workload || workload.exit.code === 0) return undefined;
  return {
    kind: 'test-failed',
    summary: `${workload.name} ${describeExit(workload.exit)}.`,
    evidence: workload.stderr,
  };
}

function fromLeftovers({ leftLoaded, agent, workload }: Evidence): Judgement | undefined {
  if (leftLoaded === undefined) return undefined;
  return {
    kind: 'agent-failed',
    summary: `The scheduler ${leftLoaded} was still loaded after ${agent?.name ?? workload?.name ?? 'the agent'} had ended.`,
    evidence: [],
    hint: 'An agent detaches its scheduler before it exits; something else holds its link open.',
  };
}

/** `exited with code 3`, `was killed by SIGSEGV`. */
export function describeExit(exit: ProcessExit): string {
  return exit.signal === undefined ? `exited with code ${exit.code ?? 0}` : `was killed by ${exit.signal}`;
}
