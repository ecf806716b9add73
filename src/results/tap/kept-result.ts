import type { SubtestResult } from '../../core/test-result.ts';
import type { SubtestOutcome } from './tap-result.ts';

/** A result while more may come of it: the names of what it is nested in are known only when that ends. */
export interface KeptResult {
  /** From the inside out. */
  readonly names: string[];
  outcome: SubtestOutcome;
  reason?: string;
  ms?: number;
  readonly diagnostics: string[];
}

export function subtestResult({ names, outcome, reason, ms, diagnostics }: KeptResult): SubtestResult {
  return {
    path: names.toReversed(),
    outcome,
    ...(reason === undefined ? {} : { reason }),
    diagnostics,
    ...(ms === undefined ? {} : { ms }),
  };
}
