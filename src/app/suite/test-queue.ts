import type { Verdict } from '../../core/verdict.ts';
import type { Attempt } from './attempt.ts';
import type { PlannedTest } from './plan-tests.ts';

/** How a test went in the end. */
export interface SettledTest {
  readonly test: PlannedTest;
  readonly attempt: Attempt;
  /** Verdicts of the tries before the last, the first one first. */
  readonly earlier: readonly Verdict[];
  /** It failed before it passed. */
  readonly isFlaky: boolean;
}

export interface TestQueueOptions {
  /** How often a test that failed is tried again. */
  readonly retries: number;
  /** Give up at the first test that fails for good. */
  readonly bail: boolean;
  readonly onSettled: (settled: SettledTest) => void;
}

/** Hands out tests, those that need the same guest together, and those that failed once more. */
export class TestQueue {
  readonly #cells: PlannedTest[][];
  readonly #earlier = new Map<PlannedTest, Verdict[]>();
  readonly #options: TestQueueOptions;
  readonly #serving = new Map<PlannedTest[], number>();
  /** Guests that did not end well after their tests, and one test of each such place. */
  readonly troubles: { readonly sample: PlannedTest; readonly attempt: Attempt }[] = [];
  #isOver = false;

  constructor(tests: readonly PlannedTest[], options: TestQueueOptions) {
    this.#cells = [...Map.groupBy(tests, guestOf).values()].map((cell) => [...cell]);
    this.#options = options;
  }

  /** The cell that most needs another guest; undefined when nothing is left that nobody has taken. */
  nextCell(): CellQueue | undefined {
    const waiting = this.#cells.filter((cell) => cell.length > 0);
    const [first] = waiting.sort(
      (a, b) => this.#load(b) - this.#load(a) || this.#guests(a) - this.#guests(b),
    );
    if (this.#isOver || first === undefined) return undefined;
    this.#serving.set(first, this.#guests(first) + 1);
    const [sample] = first as [PlannedTest];
    return {
      sample,
      take: () => (this.#isOver ? undefined : first.shift()),
      give: (test, attempt) => this.#settle(first, test, attempt),
      trouble: (attempt) => void this.troubles.push({ sample, attempt }),
      [Symbol.dispose]: () => void this.#serving.set(first, this.#guests(first) - 1),
    };
  }

  /** Tests that were never run. */
  left(): readonly PlannedTest[] {
    return this.#cells.flat();
  }

  #guests(cell: PlannedTest[]): number {
    return this.#serving.get(cell) ?? 0;
  }

  /** Tests that wait for each guest, were there one more. */
  #load(cell: PlannedTest[]): number {
    return cell.length / (this.#guests(cell) + 1);
  }

  #settle(cell: PlannedTest[], test: PlannedTest, attempt: Attempt): void {
    const earlier = this.#earlier.get(test) ?? [];
    const failed = attempt.outcome === 'failed';
    if (failed && earlier.length < this.#options.retries && attempt.verdict.kind !== 'cancelled') {
      this.#earlier.set(test, [...earlier, attempt.verdict]);
      cell.push(test);
      return;
    }
    this.#options.onSettled({ test, attempt, earlier, isFlaky: !failed && earlier.length > 0 });
    if (failed && this.#options.bail) this.#isOver = true;
  }
}

/** The tests of one kind of guest. Dispose of it when no guest of ours takes from it any more. */
export interface CellQueue extends Disposable {
  /** One of them: all need the same guest. */
  readonly sample: PlannedTest;
  take(): PlannedTest | undefined;
  give(test: PlannedTest, attempt: Attempt): void;
  trouble(attempt: Attempt): void;
}

function guestOf({ cell, agent }: PlannedTest): string {
  return [cell.kernel, cell.smp, ...agent].join('\0');
}
