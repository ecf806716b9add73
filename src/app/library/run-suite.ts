import type { SuiteResult } from '../../core/test-result.ts';
import type { VerdictKind } from '../../core/verdict.ts';
import { chooseTests, type TestChoice } from '../suite/choose-tests.ts';
import { GuestKeeper } from '../suite/guest-keeper.ts';
import { planTests } from '../suite/plan-tests.ts';
import { prepareKselftest } from '../suite/prepare-kselftest.ts';
import { runTests, type TestRequest } from '../suite/run-tests.ts';
import { directoryOf, type GuestOptions, guestRequestOf, type Place } from './guest-options.ts';
import { type Outcome, perform, type RunContext } from './perform.ts';
import { type WorkContext, withWork } from './work.ts';

export interface SuiteOptions
  extends TestChoice,
    Omit<GuestOptions, 'kernel' | 'smp' | 'timeoutMs'>,
    RunContext {
  /** Stop at the first test that fails. */
  readonly bail?: boolean;
  /** Let the guest of the first test that fails stay: see `SuiteOutcome.kept`. */
  readonly keep?: boolean;
  /** Told what came of it before the run ends, however it ended; what it throws fails the run. */
  readonly onResult?: (result: SuiteResult) => void | Promise<void>;
}

/** What a suite came to. */
export interface SuiteOutcome extends SuiteResult, Outcome {
  /** The guest of the first test that failed, as the test left it, until it is disposed of or ends by itself. */
  readonly kept?: KeptGuest;
}

export interface KeptGuest extends AsyncDisposable {
  /** By which it can be entered. */
  readonly runId: string;
  /** The file of the test. */
  readonly test: string;
  /** Aborted when the guest begins to end, whoever ends it. */
  readonly leaving: AbortSignal;
}

export async function runSuite(options: SuiteOptions): Promise<SuiteOutcome> {
  const request = await suiteRequestOf(options);
  const keeper = options.keep ? new GuestKeeper() : undefined;
  let result: SuiteResult | undefined;
  try {
    const outcome = await perform(
      {
        ...{ useCase: 'test', cwd: request.cwd },
        request: {
          ...request,
          ...(keeper && { keeper }),
          onResult: async (told: SuiteResult) => {
            result = told;
            await options.onResult?.(told);
          },
        },
      },
      runTests,
      options,
    );
    const { name: suite } = request.suite;
    const whole = result ?? { suite, startedAt: new Date().toISOString(), ms: 0, results: [] };
    const kept = keeper && keptBy(keeper);
    return { ...whole, ...outcome, ...(kept && { kept }) };
  } catch (error) {
    await keeper?.release();
    throw error;
  }
}

function keptBy(keeper: GuestKeeper): KeptGuest | undefined {
  if (!keeper.kept) {
    void keeper.release();
    return undefined;
  }
  const { runId, test, leaving } = keeper.kept;
  return { runId, test, leaving, [Symbol.asyncDispose]: () => keeper.release() };
}

/** A test that would be run, in one place of the matrix. */
export interface ListedTest {
  readonly file: string;
  readonly kernel: string;
  readonly smp: string;
  /** A scheduler and its flags; empty: none. */
  readonly agent: readonly string[];
  readonly expect: VerdictKind;
}

export async function listTests(options: TestChoice & WorkContext & Place): Promise<ListedTest[]> {
  const cwd = directoryOf(options.cwd);
  const { suite, filters } = await chooseTests(options, cwd);
  const prepared = await withWork(options, (around) => prepareKselftest(suite, { cwd, ...around }));
  return planTests(suite, filters, prepared).map(({ file, cell, agent, expect }) => ({
    ...{ file: file.name, kernel: cell.kernel, smp: cell.smp, agent, expect },
  }));
}

async function suiteRequestOf(options: SuiteOptions): Promise<Omit<TestRequest, 'keeper' | 'onResult'>> {
  const { kernels: _kernels, smp: _smp, timeoutMs: _timeoutMs, ...rest } = options;
  const cwd = directoryOf(options.cwd);
  const { suite, filters } = await chooseTests(options, cwd);
  // Tests that are no files here need nothing shared, unless it is asked for.
  const share = options.share ?? (suite.selftests === undefined ? undefined : []);
  const guest = guestRequestOf({
    ...{ ...rest, cwd: options.share === undefined ? suite.dir : cwd },
    ...(share && { share }),
  });
  return {
    ...{ ...guest, cwd, suite, filters, bail: options.bail ?? false },
    memoryBytes: options.memory === undefined ? suite.memoryBytes : guest.memoryBytes,
  };
}
