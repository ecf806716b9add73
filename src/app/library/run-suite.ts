import type { SuiteResult } from '../../core/test-result.ts';
import { chooseTests, type TestChoice } from '../test/choose-tests.ts';
import { runTests, type TestRequest } from '../test/run-tests.ts';
import { type GuestOptions, guestRequestOf } from './guest-options.ts';
import { type LibraryOptions, openLibrarySession, performInLibrary } from './library-session.ts';

export interface SuiteOptions
  extends TestChoice,
    Omit<GuestOptions, 'kernel' | 'smp' | 'timeoutMs'>,
    LibraryOptions {
  /** Stop at the first test that fails. */
  readonly bail?: boolean;
}

/** What a suite came to. */
export interface SuiteOutcome extends SuiteResult {
  /** The directory of the run's record. */
  readonly record: string;
}

/** Runs tests in guests, as `devbox test` does. Rejects with a `Failure` only when nothing was run. */
export async function runSuite(options: SuiteOptions): Promise<SuiteOutcome> {
  const { kernels: _kernels, smp: _smp, timeoutMs: _timeoutMs, ...rest } = options;
  const base = guestRequestOf(rest);
  const { suite, filters } = await chooseTests(options, base.cwd);
  const shares = options.share ?? (suite.selftests === undefined ? undefined : []);
  const guest = guestRequestOf({
    ...{ ...rest, cwd: options.share === undefined ? suite.dir : base.cwd },
    ...(shares && { share: shares }),
  });
  let result: SuiteResult | undefined;
  const request: TestRequest = {
    ...{ ...guest, cwd: base.cwd, suite, filters, bail: options.bail ?? false },
    memoryBytes: options.memory === undefined ? suite.memoryBytes : base.memoryBytes,
    onResult: async (told) => {
      result = told;
    },
  };
  const session = openLibrarySession('test', request, options);
  const verdict = await performInLibrary(session, request, runTests);
  const whole = result ?? { suite: suite.name, startedAt: new Date().toISOString(), ms: 0, results: [] };
  return { ...whole, verdict, record: session.context.runDir };
}
