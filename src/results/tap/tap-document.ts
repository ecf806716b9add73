import { DiagnosticsBudget } from './diagnostics.ts';
import type { KeptResult } from './kept-result.ts';
import type { Problems } from './problems.ts';
import { TapLevel } from './tap-level.ts';
import { readTapLine, type TapLine } from './tap-line.ts';
import { EXTRA_FAILURES, ownCopy, type TapLimits } from './tap-result.ts';
import { readTestPoint, type TestPoint } from './test-point.ts';
import { HashNesting } from './unwrap-line.ts';
import { YamlReader } from './yaml-block.ts';

/** Levels without an announcement (a version, `# Subtest:`) are indented by this: TAP 14. */
const BARE_INDENT = 4;

type ResultLine = Extract<TapLine, { kind: 'result' }>;
type PlanLine = Extract<TapLine, { kind: 'plan' }>;

/**
 * One stream of TAP, or several one after another (`make run_tests` of several directories): lines in, results out.
 *
 * Levels are told apart by their indentation: a line further in than the level being read opens one, a result further out
 * closes those in between, and is what the nearest of them belongs to.
 */
export class TapDocument {
  readonly #limits: TapLimits;
  readonly #problems: Problems;
  readonly #budget: DiagnosticsBudget;
  readonly #hashes = new HashNesting();
  /** From the outside in. */
  readonly #levels: TapLevel[];
  readonly #root: TapLevel;
  readonly #yaml: YamlReader;
  #isKernel = false;
  #kept = 0;

  /** `mayLackPlan`: the caller knows that it has none. */
  constructor(limits: TapLimits, problems: Problems, mayLackPlan: boolean) {
    this.#limits = limits;
    this.#problems = problems;
    this.#budget = new DiagnosticsBudget(limits);
    this.#yaml = new YamlReader(this.#budget, limits.diagnosticLines);
    this.#root = new TapLevel(0, mayLackPlan, true);
    this.#levels = [this.#root];
  }

  read(text: string): void {
    const { indent, content } = this.#hashes.unwrap(text, !this.#yaml.isReading);
    if (this.#yaml.read(indent, content)) return;
    const line = readTapLine(content);
    if (line.kind === 'blank' || this.#readStructure(indent, line)) return;
    if (line.kind === 'comment') this.#note(line.text, this.#levelAround(indent));
    else this.#note(content, this.#top);
  }

  /** Everything there was; nothing may be read afterwards. */
  end(): { readonly root: TapLevel; readonly kept: number } {
    this.#yaml.end();
    this.#closeUnclaimed(0);
    const root = this.#top;
    root.finish(this.#problems);
    this.#spendPending(root);
    return { root, kept: this.#kept };
  }

  /** Whether the line was more than text. */
  #readStructure(indent: number, line: TapLine): boolean {
    switch (line.kind) {
      case 'version':
        return this.#beginStream(indent, line.isKernel);
      case 'subtest':
        return indent <= this.#top.indent || this.#open(indent, true);
      case 'plan':
        return this.#readPlan(indent, line);
      case 'result':
        return this.#readResult(indent, line);
      case 'bail-out':
        return this.#bailOut(indent, line.reason);
      case 'yaml': {
        const level = this.#levelAround(indent - 1);
        if (level.hasResults) this.#yaml.begin(indent, level.last);
        return level.hasResults;
      }
      default:
        return false;
    }
  }

  get #top(): TapLevel {
    return this.#levels.at(-1) as TapLevel;
  }

  /** The innermost level that is not indented further than this. */
  #levelAround(indent: number): TapLevel {
    return this.#levels.findLast((level) => level.indent <= indent) ?? this.#root;
  }

  #beginStream(indent: number, isKernel: boolean): boolean {
    this.#closeUnclaimed(indent);
    const level = this.#top;
    if (level.indent < indent) return this.#open(indent, isKernel || this.#isKernel);
    if (!level.isUntouched) level.restart(this.#problems);
    if (level === this.#root) this.#isKernel = isKernel;
    else level.mayLackPlan ||= isKernel;
    return true;
  }

  #readPlan(indent: number, { first, last, reason }: PlanLine): boolean {
    if (!this.#belongsToLevel(indent)) return false;
    this.#closeUnclaimed(indent);
    if (this.#top.indent < indent && !this.#open(indent, false)) return true;
    const text = ownCopy(reason, this.#limits.nameLength);
    this.#top.setPlan(first, last, text, this.#problems);
    return true;
  }

  #readResult(indent: number, line: ResultLine): boolean {
    // Only TAP allows a result without a number; among what the kernel prints, `ok` may be just a word.
    const isWord = line.number === undefined && this.#isKernel;
    if (isWord || !this.#belongsToLevel(indent)) return false;
    this.#hashes.endAt(indent);
    const nested = this.#close(indent);
    if (this.#top.indent < indent && !this.#open(indent, false)) return true;
    this.#addResult(this.#top, nested, line);
    return true;
  }

  #addResult(level: TapLevel, nested: TapLevel | undefined, line: ResultLine): void {
    const number = level.countResult(line.number, this.#problems);
    const point = readTestPoint(line.ok, line.rest, this.#isKernel);
    const name = ownCopy(point.name === '' ? `test ${number}` : point.name, this.#limits.nameLength);
    const before = level.pending.splice(0);
    level.last = undefined;
    if (nested) {
      const isSaid = saysAll(nested, point);
      if (point.outcome === 'todo') nested.forgive(point.reason);
      level.adopt(nested, name);
      if (isSaid) return;
    }
    level.counts[point.outcome] += 1;
    const result = keptResult(name, point, this.#limits.nameLength);
    if (!this.#hasRoomFor(result)) return;
    this.#kept += 1;
    level.results.push(result);
    level.last = result;
    this.#budget.add(result, point.remark === undefined ? before : [...before, point.remark]);
  }

  #hasRoomFor({ outcome }: KeptResult): boolean {
    const { results } = this.#limits;
    return this.#kept < (outcome === 'failed' ? results + EXTRA_FAILURES : results);
  }

  #bailOut(indent: number, reason: string): boolean {
    const why = reason === '' ? '' : `: ${ownCopy(reason, this.#limits.nameLength)}`;
    this.#problems.add(`it bailed out${why}`);
    // What another program's output is nested in goes on when that program gives up.
    const floor = this.#hashes.baseAt(indent);
    for (const level of this.#levels) if (level.indent > floor) level.bailOut();
    return true;
  }

  /** Whether a plan or a result with this indentation is one, not text that looks like it. */
  #belongsToLevel(indent: number): boolean {
    return (indent - this.#levelAround(indent).indent) % BARE_INDENT === 0;
  }

  #open(indent: number, mayLackPlan: boolean): boolean {
    if (this.#levels.length >= this.#limits.depth) {
      this.#problems.add(`nested deeper than ${this.#limits.depth} levels`);
      return false;
    }
    this.#levels.push(new TapLevel(indent, mayLackPlan));
    return true;
  }

  /** Closes what is nested deeper than `indent`, for a result to claim; undefined when there was nothing. */
  #close(indent: number): TapLevel | undefined {
    let nested: TapLevel | undefined;
    while (this.#top.indent > indent) {
      const level = this.#levels.pop() as TapLevel;
      if (nested) this.#adoptUnclaimed(level, nested);
      level.finish(this.#problems);
      this.#spendPending(level);
      nested = level;
    }
    return nested && nested.total > 0 ? nested : undefined;
  }

  #closeUnclaimed(indent: number): void {
    const nested = this.#close(indent);
    if (nested) this.#adoptUnclaimed(this.#top, nested);
  }

  #adoptUnclaimed(level: TapLevel, nested: TapLevel): void {
    if (nested.total === 0) return;
    this.#problems.add('subtests without the result that they belong to');
    level.adopt(nested);
  }

  /** Comments after the last result explain it when it failed; else they sum up. */
  #spendPending({ last, pending }: TapLevel): void {
    if (last?.outcome === 'failed') this.#budget.add(last, pending);
    pending.length = 0;
  }

  #note(text: string, { pending }: TapLevel): void {
    pending.push(text);
    if (pending.length > this.#limits.diagnosticLines) pending.shift();
  }
}

/** Whether the results nested in a test say all that its own does. */
function saysAll({ counts, total }: TapLevel, { outcome }: TestPoint): boolean {
  switch (outcome) {
    case 'passed':
      return true;
    case 'failed':
      return counts.failed > 0;
    case 'todo':
      return counts.failed + counts.todo > 0;
    case 'skipped':
      return counts.skipped === total;
  }
}

function keptResult(name: string, { outcome, reason, ms }: TestPoint, nameLength: number): KeptResult {
  return {
    names: [name],
    outcome,
    ...(reason === undefined ? {} : { reason: ownCopy(reason, nameLength) }),
    ...(ms === undefined ? {} : { ms }),
    diagnostics: [],
  };
}
