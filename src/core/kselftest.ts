/** Before the name of a directory of the kernel tree's tools/testing/selftests, where a suite is named. */
export const KSELFTEST_PREFIX = 'kselftest:';

export function isKselftest(word: string): boolean {
  return word.startsWith(KSELFTEST_PREFIX);
}
