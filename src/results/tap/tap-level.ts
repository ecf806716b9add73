import type { KeptResult } from './kept-result.ts';
import type { Problems } from './problems.ts';
import type { SubtestOutcome } from './tap-result.ts';

/** One stream of results: the outermost, or one that is nested in it and ends with the result it belongs to. */
export class TapLevel {
  readonly indent: number;
  readonly isRoot: boolean;
  /** KTAP does without a plan where the number of tests is not known beforehand: KUnit's parameters. */
  mayLackPlan: boolean;
  readonly results: KeptResult[] = [];
  readonly counts: Record<SubtestOutcome, number> = { passed: 0, failed: 0, skipped: 0, todo: 0 };
  /** Lines that belong to the next result: diagnostics stand before it. */
  readonly pending: string[] = [];
  plan: { readonly count: number; readonly reason: string } | undefined;
  /** The latest result of its own; undefined when that was not kept. */
  last: KeptResult | undefined;
  #seen = 0;
  #expected = 1;
  /** What no result may follow: a plan after results, or that the test gave up. */
  #end: string | undefined;
  /** That was said already. */
  #isOver = false;
  #hasBailedOut = false;

  constructor(indent: number, mayLackPlan: boolean, isRoot = false) {
    this.indent = indent;
    this.mayLackPlan = mayLackPlan;
    this.isRoot = isRoot;
  }

  get isUntouched(): boolean {
    return this.#seen === 0 && this.plan === undefined;
  }

  /** Whether there is a result that a YAML block could belong to. */
  get hasResults(): boolean {
    return this.#seen > 0;
  }

  /** Results of its own and of all that was nested in it. */
  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  countResult(number: number | undefined, problems: Problems): number {
    this.#seen += 1;
    if (!this.#isOver && this.#end !== undefined) {
      problems.add(`a result after the end: ${this.#end}`);
      this.#isOver = true;
    } else if (!this.#isOver && this.plan && this.#seen > this.plan.count) {
      problems.add(`result ${this.#seen} of a plan of ${this.plan.count}`);
      this.#isOver = true;
    }
    const isInOrder = number === undefined || number === this.#expected;
    if (!isInOrder) problems.add(`number ${number} where ${this.#expected} was to come`);
    const given = number ?? this.#expected;
    this.#expected = given + 1;
    return given;
  }

  setPlan(first: number, last: number, reason: string, problems: Problems): void {
    if (this.plan) {
      problems.add('a second plan');
      return;
    }
    if (first !== 1) problems.add(`a plan that begins with ${first}, not with 1`);
    this.plan = { count: Math.max(0, last - first + 1), reason };
    if (this.#seen > 0) this.#end = 'its plan came before it';
    else this.#expected = first;
  }

  bailOut(): void {
    this.#end = 'it had bailed out';
    this.#hasBailedOut = true;
  }

  /** Everything that only shows when nothing more can come. */
  finish(problems: Problems): void {
    if (this.#hasBailedOut) return;
    if (!this.plan) {
      const isMissed = !this.mayLackPlan && (this.isRoot || this.#seen > 0);
      if (isMissed) problems.add(`no plan (1..${this.#seen}): whether that was all is not known`);
    } else if (this.#seen !== this.plan.count && !this.#isOver) {
      problems.add(`a plan of ${this.plan.count}, but ${this.#seen} came`);
    }
  }

  /** Another stream follows with the same indentation: numbers and plan begin anew. */
  restart(problems: Problems): void {
    this.finish(problems);
    this.plan = undefined;
    this.last = undefined;
    this.#seen = 0;
    this.#expected = 1;
    this.#end = undefined;
    this.#isOver = false;
    this.#hasBailedOut = false;
  }

  /** Takes over what was nested, under `name` or, where no result claimed it, as it is. */
  adopt(nested: TapLevel, name?: string): void {
    for (const result of nested.results) {
      if (name !== undefined) result.names.push(name);
      this.results.push(result);
    }
    for (const outcome of Object.keys(nested.counts) as SubtestOutcome[]) {
      this.counts[outcome] += nested.counts[outcome];
    }
  }

  /** It is known to fail: what failed in it is still to do. */
  forgive(reason: string | undefined): void {
    for (const result of this.results) {
      if (result.outcome !== 'failed') continue;
      result.outcome = 'todo';
      if (reason !== undefined) result.reason ??= reason;
    }
    this.counts.todo += this.counts.failed;
    this.counts.failed = 0;
  }
}
