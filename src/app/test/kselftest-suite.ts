import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';

/** Before the name of a directory of the kernel tree's tools/testing/selftests. */
const PREFIX = 'kselftest:';
/** What of the kernel's own tests can be run: the others do not need a scheduler. */
const SUPPORTED = ['sched_ext'] as const;
export type SelftestSuite = (typeof SUPPORTED)[number];

/** The suites of the kernel's own tests, for those who ask what there is. */
export const KSELFTESTS = SUPPORTED.map((name) => ({
  name: `${PREFIX}${name}`,
  summary: `The kernel tree's own tests of ${name}`,
}));

export function isKselftest(word: string): boolean {
  return word.startsWith(PREFIX);
}

/** `kselftest:sched_ext`. Throws `Failure` usage/no-such-suite for any other of the kernel's. */
export function parseKselftest(word: string): SelftestSuite {
  const name = word.slice(PREFIX.length);
  const known = SUPPORTED.find((each) => each === name);
  if (known) return known;
  throw new Failure({
    kind: 'usage',
    code: 'no-such-suite',
    message: `${word}: of the kernel's own tests only those of ${SUPPORTED.join(', ')} can be run.${didYouMean(name, SUPPORTED)}`,
    hint: `Run: devbox test ${PREFIX}${SUPPORTED[0]}`,
  });
}
