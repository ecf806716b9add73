import type { KernelFinding } from './finding.ts';
import type { SchedulerExit } from './scheduler-exit.ts';

/** Every run ends in exactly one of these. */
export const VERDICT_KINDS = [
  'passed',
  'test-failed',
  'agent-failed',
  'scheduler-ejected',
  'kernel-panic',
  'kernel-splat',
  'guest-hang',
  'boot-failed',
  'infrastructure-failed',
  'inconclusive',
  'cancelled',
] as const;

export type VerdictKind = (typeof VERDICT_KINDS)[number];

/** Process exit codes. Stable: scripts and CI depend on them. */
export const VERDICT_EXIT_CODES: Readonly<Record<VerdictKind, number>> = {
  passed: 0,
  'test-failed': 1,
  'agent-failed': 101,
  'scheduler-ejected': 102,
  'kernel-panic': 103,
  'kernel-splat': 104,
  'guest-hang': 105,
  'boot-failed': 106,
  'infrastructure-failed': 107,
  inconclusive: 108,
  cancelled: 130,
};

/** `EX_USAGE`: the command line asks for something that cannot be. */
export const EXIT_USAGE = 64;
/** `EX_UNAVAILABLE`: the host lacks something; `devbox doctor` says what. */
export const EXIT_HOST = 69;
/** `EX_SOFTWARE`: a bug in devbox. */
export const EXIT_BUG = 70;

export interface Verdict {
  readonly kind: VerdictKind;
  /** One sentence that says why. */
  readonly summary: string;
  /** Lines that prove it, quoted from console, streams or kernel state. Bounded. */
  readonly evidence: readonly string[];
  /** What to do next. */
  readonly hint?: string;
  /** Everything bad seen on the kernel's console, the cause of this verdict or not. */
  readonly findings: readonly KernelFinding[];
  /** Present when a scheduler left the kernel with an exit record. */
  readonly schedulerExit?: SchedulerExit;
  /** Files worth opening, relative to the run's directory: a hang record, a verifier log. */
  readonly files?: readonly string[];
}
