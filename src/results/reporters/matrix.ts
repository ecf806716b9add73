import type { CaseOutcome, SuiteResult, TestResult } from '../../core/test-result.ts';

/** Not among the failed: `inconclusive`, for which the host is to blame, and what was `cancelled`. */
export type CountedOutcome = CaseOutcome | 'inconclusive' | 'cancelled';
export type OutcomeCounts = Readonly<Record<CountedOutcome, number>>;

export function countedOutcome({ outcome, verdict }: TestResult): CountedOutcome {
  const isApart = verdict.kind === 'inconclusive' || verdict.kind === 'cancelled';
  return outcome === 'failed' && isApart ? verdict.kind : outcome;
}

export function countOutcomes(results: readonly TestResult[]): OutcomeCounts {
  const counts: Record<CountedOutcome, number> = {
    passed: 0,
    failed: 0,
    flaky: 0,
    skipped: 0,
    todo: 0,
    inconclusive: 0,
    cancelled: 0,
  };
  for (const result of results) counts[countedOutcome(result)] += 1;
  return counts;
}

/** `1 failed, 1 flaky, 11 passed`: what needs a look first; `none` of nothing. */
export function countsText(counts: OutcomeCounts): string {
  const order = [...(['failed', 'inconclusive', 'cancelled', 'flaky', 'todo', 'skipped', 'passed'] as const)];
  const parts = order
    .filter((outcome) => counts[outcome] > 0)
    .map((outcome) => `${counts[outcome]} ${outcome}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** Kernels and agents down, vCPUs across, each in the order of the plan. */
export interface SuiteMatrix {
  readonly smps: readonly string[];
  readonly rows: readonly {
    readonly kernel: string;
    readonly agent: string;
    /** One for each of `smps`; undefined: nothing was planned there. */
    readonly cells: readonly (OutcomeCounts | undefined)[];
  }[];
}

export function suiteMatrix({ results }: SuiteResult): SuiteMatrix {
  const smps = [...new Set(results.map(({ cell }) => cell.smp))];
  const rows = Map.groupBy(results, ({ cell }) => JSON.stringify([cell.kernel, cell.agent]));
  return {
    smps,
    rows: [...rows.values()].map((inRow) => {
      const { kernel, agent = 'none' } = (inRow[0] as TestResult).cell;
      const cells = smps.map((smp) => inRow.filter(({ cell }) => cell.smp === smp));
      return {
        kernel,
        agent,
        cells: cells.map((inCell) => (inCell.length === 0 ? undefined : countOutcomes(inCell))),
      };
    }),
  };
}
