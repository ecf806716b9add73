import type { SubtestResult } from '../../core/test-result.ts';

export type SubtestOutcome = SubtestResult['outcome'];
export type SubtestCounts = Readonly<Record<SubtestOutcome, number>>;

/** What a test said of itself on its standard output. */
export interface TapResult {
  /**
   * It said something in TAP: a version line, or a plan as the first thing of all. Everything below is empty and `passed`
   * otherwise, and only the exit code counts.
   */
  readonly isTap: boolean;
  /**
   * In the order in which they ended. A test with subtests of its own is left out unless it says more than they do: it
   * failed, say, while none of them did.
   */
  readonly subtests: readonly SubtestResult[];
  /** Of all there were, in `subtests` or not. */
  readonly counts: SubtestCounts;
  /** How many of them are not in `subtests`. */
  readonly omitted: number;
  /** What is wrong with the output itself; each is a failure, and begins with `line N: `. Bounded. */
  readonly problems: readonly string[];
  /** `failed` when anything failed or is wrong; `skipped` and `todo` when there was nothing else. */
  readonly outcome: SubtestOutcome;
  /** Why all of it was skipped: what its plan `1..0` said. */
  readonly reason?: string;
}

export interface TapLimits {
  /** Results kept; the rest is only counted, but for a hundred that failed. */
  readonly results: number;
  /** UTF-16 units of one line; the rest of a longer one is dropped. */
  readonly lineLength: number;
  /** UTF-16 units of one name or reason. */
  readonly nameLength: number;
  /** Lines of diagnostics kept for one result. */
  readonly diagnosticLines: number;
  /** UTF-16 units of all diagnostics together, for those that failed; a quarter of that for all others. */
  readonly diagnosticLength: number;
  /** Levels of nesting. */
  readonly depth: number;
  readonly problems: number;
}

export const TAP_LIMITS: TapLimits = {
  results: 10_000,
  lineLength: 4096,
  nameLength: 512,
  diagnosticLines: 100,
  diagnosticLength: 4 * 2 ** 20,
  depth: 16,
  problems: 50,
};

/** Of results beyond the limit, how many that failed are kept: they are what one looks for. */
export const EXTRA_FAILURES = 100;

/** A string of its own: a slice would keep alive the whole chunk that it was cut from. */
export function ownCopy(text: string, length: number): string {
  const cut = text.length > length ? `${text.slice(0, length - 1)}…` : text;
  return Buffer.from(cut).toString();
}
