import type { KernelFinding } from './finding.ts';
import type { SchedulerExit } from './scheduler-exit.ts';
import type { TestResult } from './test-result.ts';
import type { Verdict } from './verdict.ts';

/**
 * Events are the product: core code never prints, it emits these, and every renderer, report and record is a consumer
 * of the same stream. A new field may appear in a version; a field never changes its meaning within one.
 */
export const EVENT_SCHEMA_VERSION = 1;

/** Milliseconds since the run started, monotonic, with a fraction. */
export interface Timed {
  readonly t: number;
}

/** The four streams of a run. `exec` and `test` use `workload`. */
export type StreamName = 'console' | 'agent-stdout' | 'agent-stderr' | 'workload';

export const STAGES = [
  'host',
  'build-image',
  'guest-image',
  'kernel',
  'kernel-source',
  'kernel-config',
  'kernel-build',
  'native',
  'selftests',
  'boot',
  'share',
  'agent',
  'workload',
  'stop',
] as const;
export type StageName = (typeof STAGES)[number];

export type StageOutcome = 'done' | 'cached' | 'failed' | 'skipped';

export interface ProcessExit {
  /** Exit code, or undefined when a signal ended it. */
  readonly code?: number;
  /** `SIGKILL`, `SIGSEGV`… */
  readonly signal?: string;
}

export interface RunStarted extends Timed {
  readonly type: 'run-started';
  readonly schema: typeof EVENT_SCHEMA_VERSION;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly devbox: string;
  readonly command: readonly string[];
}
export interface StageStarted extends Timed {
  readonly type: 'stage-started';
  readonly stage: StageName;
  readonly title: string;
}
export interface StageProgress extends Timed {
  readonly type: 'stage-progress';
  readonly stage: StageName;
  readonly detail: string;
  /** How far it is, when that is known: `done` of `total`, in whatever the stage counts. */
  readonly done?: number;
  readonly total?: number;
}
export interface StageFinished extends Timed {
  readonly type: 'stage-finished';
  readonly stage: StageName;
  readonly outcome: StageOutcome;
  /** How long it took, milliseconds. */
  readonly ms: number;
  readonly detail?: string;
}
export interface Notice extends Timed {
  readonly type: 'notice';
  readonly level: 'info' | 'warning';
  readonly message: string;
  readonly hint?: string;
}
export interface VmStarted extends Timed {
  readonly type: 'vm-started';
  readonly accel: 'kvm' | 'tcg';
  /** The whole QEMU command line, so that a run can be repeated by hand. */
  readonly argv: readonly string[];
}
export interface GuestReady extends Timed {
  readonly type: 'guest-ready';
  readonly release: string;
  readonly vcpus: number;
  readonly memoryKiB: number;
  /** From QEMU's start to the guest's hello, milliseconds. */
  readonly ms: number;
}
/** One complete line of the kernel's console, without its newline, bytes that are not UTF-8 replaced. */
export interface ConsoleLine extends Timed {
  readonly type: 'console-line';
  readonly text: string;
}
/** Bytes that a process in the guest wrote. On disk the bytes lie in `streams/<stream>` and only offset and length are in the event. */
export interface GuestOutput extends Timed {
  readonly type: 'guest-output';
  readonly stream: Exclude<StreamName, 'console'>;
  /** 1 stdout, 2 stderr. */
  readonly fd: 1 | 2;
  readonly data: Uint8Array;
}
export interface AgentStarted extends Timed {
  readonly type: 'agent-started';
  readonly agent: string;
  readonly argv: readonly string[];
  readonly pid: number;
}
export interface AgentReady extends Timed {
  readonly type: 'agent-ready';
  readonly agent: string;
  /** Name in /sys/kernel/sched_ext/root/ops. */
  readonly scheduler?: string;
}
export interface AgentExited extends Timed {
  readonly type: 'agent-exited';
  readonly exit: ProcessExit;
  /** Whether devbox had asked it to stop. */
  readonly asked: boolean;
}
export interface WorkloadStarted extends Timed {
  readonly type: 'workload-started';
  readonly workload: string;
  readonly argv: readonly string[];
  readonly pid: number;
}
export interface WorkloadExited extends Timed {
  readonly type: 'workload-exited';
  readonly exit: ProcessExit;
  readonly ms: number;
}
/** A structured record from an agent or a workload: one JSON object, at most 64 KiB. */
export interface Report extends Timed {
  readonly type: 'report';
  readonly from: 'agent' | 'workload';
  readonly report: Readonly<Record<string, unknown>>;
}
export interface Finding extends Timed {
  readonly type: 'finding';
  readonly finding: KernelFinding;
}
export interface SchedulerExited extends Timed {
  readonly type: 'scheduler-exited';
  readonly exit: SchedulerExit;
}
export interface SuiteStarted extends Timed {
  readonly type: 'suite-started';
  readonly suite: string;
  /** Files times places times repetitions. */
  readonly tests: number;
  /** Guests side by side. */
  readonly jobs: number;
}
/** At every end of a test, whenever its result is told. */
export interface SuiteProgress extends Timed {
  readonly type: 'suite-progress';
  readonly done: number;
  readonly total: number;
  readonly failed: number;
}
/** In the order of the plan, whenever it was run. */
export interface TestFinished extends Timed {
  readonly type: 'test-finished';
  readonly result: TestResult;
}
export interface VerdictReached extends Timed {
  readonly type: 'verdict';
  readonly verdict: Verdict;
}
/** The last event of every run. */
export interface RunFinished extends Timed {
  readonly type: 'run-finished';
  readonly exitCode: number;
  /** The run's directory as it should be shown to the user. */
  readonly record: string;
}

export type DevboxEvent =
  | RunStarted
  | StageStarted
  | StageProgress
  | StageFinished
  | Notice
  | VmStarted
  | GuestReady
  | ConsoleLine
  | GuestOutput
  | AgentStarted
  | AgentReady
  | AgentExited
  | WorkloadStarted
  | WorkloadExited
  | Report
  | Finding
  | SchedulerExited
  | SuiteStarted
  | SuiteProgress
  | TestFinished
  | VerdictReached
  | RunFinished;

/** An event before the run's clock has stamped it. */
export type UntimedEvent = DevboxEvent extends infer E
  ? E extends DevboxEvent
    ? Omit<E, 't'>
    : never
  : never;

/** Hands an event to whoever listens. Never throws, never blocks; see `EventBus` for back-pressure. */
export type Emit = (event: UntimedEvent) => void;
