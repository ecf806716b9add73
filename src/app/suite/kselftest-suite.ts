import { Failure } from '../../core/failure.ts';
import { KSELFTEST_PREFIX } from '../../core/kselftest.ts';
import { didYouMean } from '../../core/nearest.ts';

/** What of the kernel's own tests can be run: the others do not need a scheduler. */
const SUPPORTED = ['sched_ext'] as const;
export type SelftestSuite = (typeof SUPPORTED)[number];

/** The suites of the kernel's own tests, for those who ask what there is. */
export const KSELFTESTS = SUPPORTED.map((name) => ({
  name: `${KSELFTEST_PREFIX}${name}`,
  summary: `The kernel tree's own tests of ${name}`,
}));

/** `kselftest:sched_ext`. Throws `Failure` usage/no-such-suite for any other of the kernel's. */
export function parseKselftest(word: string): SelftestSuite {
  const name = word.slice(KSELFTEST_PREFIX.length);
  const known = SUPPORTED.find((each) => each === name);
  if (known) return known;
  throw new Failure({
    kind: 'usage',
    code: 'no-such-suite',
    message: `${word}: of the kernel's own tests only those of ${SUPPORTED.join(', ')} can be run.${didYouMean(name, SUPPORTED)}`,
    hint: `Run: devbox test ${KSELFTEST_PREFIX}${SUPPORTED[0]}`,
  });
}
