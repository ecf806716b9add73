import { BoundedLines } from './bounded-lines.ts';
import { subtestResult } from './kept-result.ts';
import { Problems } from './problems.ts';
import { TapDocument } from './tap-document.ts';
import type { TapLevel } from './tap-level.ts';
import { readTapLine } from './tap-line.ts';
import { type SubtestOutcome, TAP_LIMITS, type TapLimits, type TapResult } from './tap-result.ts';
import { withoutStamp } from './unwrap-line.ts';

export interface TapParserOptions {
  readonly limits?: Partial<TapLimits>;
  /**
   * The caller knows that it is TAP although nothing announces it, and that it has no plan: the runner of the kernel's
   * sched_ext selftests prints results only.
   */
  readonly isUnannounced?: boolean;
}

/**
 * Reads TAP 13, TAP 14 and KTAP as it comes, in memory that does not grow with what comes.
 *
 * Real output is forgiven what the specifications allow or the kernel's own tests do: text in between, the kernel's time
 * stamps, streams one after another, `# ` before the lines of nested tests, nested KTAP without a plan. It is not forgiven
 * what may hide a failure: see {@link TapResult.problems}.
 */
export class TapParser {
  readonly #limits: TapLimits;
  readonly #lines: BoundedLines;
  readonly #problems: Problems;
  readonly #document: TapDocument;
  #hasBegun: boolean;
  #hasStamps = false;
  /** Something that is no TAP came first: a plan is then just two numbers. */
  #hasText = false;

  constructor({ limits, isUnannounced = false }: TapParserOptions = {}) {
    this.#limits = { ...TAP_LIMITS, ...limits };
    this.#lines = new BoundedLines(this.#limits.lineLength);
    this.#problems = new Problems(this.#limits.problems);
    this.#document = new TapDocument(this.#limits, this.#problems, isUnannounced);
    this.#hasBegun = isUnannounced;
  }

  push(chunk: Uint8Array | string): void {
    for (const line of this.#lines.push(chunk)) this.#read(line);
  }

  /** When the output has ended. Nothing may be pushed afterwards. */
  end(): TapResult {
    for (const line of this.#lines.end()) this.#read(line);
    if (!this.#hasBegun) return NO_TAP;
    const { root, kept } = this.#document.end();
    const { total, plan } = root;
    if (total === 0 && !plan && this.#problems.count === 0) return NO_TAP;
    return {
      isTap: true,
      subtests: root.results.map(subtestResult),
      counts: root.counts,
      omitted: total - kept,
      problems: this.#problems.list(),
      outcome: outcomeOf(root, this.#problems.count),
      ...(total === 0 && plan?.reason ? { reason: plan.reason } : {}),
    };
  }

  #read(line: string): void {
    this.#problems.line += 1;
    if (!this.#hasBegun && !this.#begins(line)) return;
    this.#document.read(this.#hasStamps ? (withoutStamp(line) ?? line) : line);
  }

  #begins(line: string): boolean {
    const { kind } = readTapLine(line);
    const stamped = kind === 'text' ? withoutStamp(line) : undefined;
    this.#hasStamps = stamped !== undefined && readTapLine(stamped).kind === 'version';
    this.#hasBegun = this.#hasStamps || kind === 'version' || (kind === 'plan' && !this.#hasText);
    this.#hasText ||= kind !== 'blank';
    return this.#hasBegun;
  }
}

const NO_TAP: TapResult = {
  isTap: false,
  subtests: [],
  counts: { passed: 0, failed: 0, skipped: 0, todo: 0 },
  omitted: 0,
  problems: [],
  outcome: 'passed',
};

function outcomeOf({ counts, total }: TapLevel, problems: number): SubtestOutcome {
  if (problems > 0 || counts.failed > 0) return 'failed';
  if (counts.passed > 0) return 'passed';
  return total === counts.skipped ? 'skipped' : 'todo';
}
