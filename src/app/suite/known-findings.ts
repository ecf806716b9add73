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

/** The list's entry for a finding. A panic is never excused, nor is an ejected scheduler: nothing after it can be trusted. */
export function knownFor(
  { kind, title }: KernelFinding,
  { file, release }: FindingPlace,
  list: readonly KnownFinding[],
): KnownFinding | undefined {
  if (kind === 'panic' || kind === 'scheduler-ejected') return undefined;
  return list.find(
    (known) =>
      title.includes(known.finding) &&
      matchesGlob(release, known.kernel) &&
      (known.files === undefined || matchesGlob(file, known.files)),
  );
}

interface Judged {
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'todo';
  readonly verdict: Verdict;
  readonly reason?: string;
}

/**
 * A test whose only failing is what its kernel is known for is to do: neither passed nor failed, the verdict as it was. Anything
 * else that is wrong with it counts as ever. `judgeBy` judges it by some of its findings.
 */
export function excuseKnown<Result extends Judged>(
  findings: readonly KernelFinding[],
  place: FindingPlace,
  list: readonly KnownFinding[],
  judgeBy: (findings: readonly KernelFinding[]) => Result,
): Result {
  const judged = judgeBy(findings);
  const known = findings.map((finding) => knownFor(finding, place, list));
  const [first] = known.filter((each) => each !== undefined);
  if (judged.outcome !== 'failed' || first === undefined) return judged;
  const rest = judgeBy(findings.filter((_, index) => known[index] === undefined));
  if (rest.outcome === 'failed') return { ...rest, verdict: { ...rest.verdict, findings } };
  return { ...judged, outcome: 'todo', reason: `${judged.verdict.summary} This is known: ${first.why}` };
}
