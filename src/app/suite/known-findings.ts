import { matchesGlob } from 'node:path';
import type { KernelFinding } from '../../core/finding.ts';
import type { Verdict } from '../../core/verdict.ts';

/** What a kernel is known to complain about, as a suite lists it. */
export interface KnownFinding {
  /** Part of the finding's title. */
  readonly finding: string;
  /** Releases of kernels that do so: a glob. */
  readonly kernel: string;
  /** Tests that bring it about: a glob; all of them by default. */
  readonly files?: string | undefined;
  /** Whose fault it is and what will mend it. */
  readonly why: string;
}

/** Where something was found. */
export interface FindingPlace {
  readonly file: string;
  /** Of the kernel. */
  readonly release: string;
}

interface Judged {
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'todo';
  readonly verdict: Verdict;
  readonly reason?: string;
}

/** An entry of the list that nothing was found of. */
export interface StaleFinding extends KnownFinding {
  /** How many tests ran where it should have shown. */
  readonly tests: number;
}

/** A suite's list, and what of it has shown itself. */
export class KnownFindings {
  readonly #list: readonly KnownFinding[];
  readonly #looks: Map<KnownFinding, { tests: number; hasShown: boolean }>;

  constructor(list: readonly KnownFinding[]) {
    this.#list = list;
    this.#looks = new Map(list.map((known) => [known, { tests: 0, hasShown: false }]));
  }

  /**
   * A test whose only failing is what its kernel is known for is to do: neither passed nor failed, the verdict as it was.
   * Anything else that is wrong with it counts as ever. `judgeBy` judges it by some of its findings.
   */
  excuse<Result extends Judged>(
    findings: readonly KernelFinding[],
    place: FindingPlace,
    judgeBy: (findings: readonly KernelFinding[]) => Result,
  ): Result {
    const judged = judgeBy(findings);
    const here = this.#list.filter((each) => isOf(each, place));
    const known = findings.map((finding) => here.find((each) => isThat(each, finding)));
    if (judged.outcome !== 'skipped') this.#look(here, known);
    const [first] = known.filter((each) => each !== undefined);
    if (judged.outcome !== 'failed' || first === undefined) return judged;
    const rest = judgeBy(findings.filter((_, index) => known[index] === undefined));
    if (rest.outcome === 'failed') return { ...rest, verdict: { ...rest.verdict, findings } };
    return { ...judged, outcome: 'todo', reason: `${judged.verdict.summary} This is known: ${first.why}` };
  }

  /** What did not show in any of the tests that it names, though some ran: mended perhaps, or never so. */
  stale(): readonly StaleFinding[] {
    return [...this.#looks].flatMap(([known, { tests, hasShown }]) =>
      tests > 0 && !hasShown ? [{ ...known, tests }] : [],
    );
  }

  #look(here: readonly KnownFinding[], shown: readonly (KnownFinding | undefined)[]): void {
    for (const known of here) {
      const look = this.#looks.get(known);
      if (!look) continue;
      look.tests += 1;
      look.hasShown ||= shown.includes(known);
    }
  }
}

/** Whether an entry is about what runs there. */
function isOf({ kernel, files }: KnownFinding, { file, release }: FindingPlace): boolean {
  return matchesGlob(release, kernel) && (files === undefined || matchesGlob(file, files));
}

/** A panic is never excused, nor is an ejected scheduler: nothing after it can be trusted. */
function isThat(known: KnownFinding, { kind, title }: KernelFinding): boolean {
  return kind !== 'panic' && kind !== 'scheduler-ejected' && title.includes(known.finding);
}
