import type { Verdict } from './verdict.ts';

/** One place of the matrix that a suite runs in. */
export interface TestCell {
  /** As `--kernel` takes it. */
  readonly kernel: string;
  /** As `--smp` takes it. */
  readonly smp: string;
  /** Undefined: no scheduler is loaded. */
  readonly agent?: string;
}

/**
 * How a case ended. `flaky`: it failed, and passed when it was tried again; never counted as passed. `todo`: it failed, and
 * was known to (TAP's `# TODO`).
 */
export const CASE_OUTCOMES = ['passed', 'failed', 'flaky', 'skipped', 'todo'] as const;
export type CaseOutcome = (typeof CASE_OUTCOMES)[number];

/**
 * A subtest that a test named on its standard output, nested ones too. One that has subtests itself is listed only when it
 * says more than they do: it failed, say, while none of them did.
 */
export interface SubtestResult {
  /** From the outside in; no element is empty. */
  readonly path: readonly string[];
  readonly outcome: Exclude<CaseOutcome, 'flaky'>;
  /** Why it was skipped, or is (or, when it passed, was) still to do. */
  readonly reason?: string;
  /** Lines that came with it: TAP's diagnostics. Bounded. */
  readonly diagnostics: readonly string[];
  /** Milliseconds, when it said so. */
  readonly ms?: number;
}

/** One test file in one cell. */
export interface TestResult {
  /** The file as the user names it: relative to the directory of the configuration. */
  readonly file: string;
  readonly cell: TestCell;
  readonly outcome: CaseOutcome;
  /** The verdict of the last attempt; `passed` for what was skipped. */
  readonly verdict: Verdict;
  readonly ms: number;
  /** From 1. */
  readonly attempts: number;
  /** Verdicts of the attempts before the last, the first one first: why it is `flaky`. */
  readonly earlier?: readonly Verdict[];
  readonly subtests: readonly SubtestResult[];
  /** What it printed, both streams in order of arrival; of much output the beginning and the end. */
  readonly output: string;
  /** The kernel's console while it ran; of much the end. */
  readonly console: readonly string[];
  /** Why it was skipped. */
  readonly reason?: string;
  /** The command that runs just this one again. */
  readonly again: string;
  /** Its guest stays (`--keep`): what `devbox shell --run` takes. */
  readonly kept?: string;
}

/** A whole suite, in the order of its plan. */
export interface SuiteResult {
  readonly suite: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly ms: number;
  readonly results: readonly TestResult[];
  /** Of the whole. */
  readonly verdict: Verdict;
}
