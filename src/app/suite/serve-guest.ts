import type { FindingKind } from '../../core/finding.ts';
import type { Evidence } from '../../core/judge.ts';
import { parseSmp } from '../../core/smp.ts';
import type { Verdict } from '../../core/verdict.ts';
import { collectFindings } from '../guest/collect-findings.ts';
import { inGuest } from '../guest/in-guest.ts';
import { rejectOnAbort } from '../guest/reject-on-abort.ts';
import type { Guest } from '../guest/start-guest.ts';
import { type AgentPlan, checkFeatures, isOurProgram, startAgent } from '../run/agent-session.ts';
import type { Attempt } from './attempt.ts';
import type { ServeOptions } from './cell-work.ts';
import type { RecordedGuest } from './guest-record.ts';
import type { PlannedTest } from './plan-tests.ts';
import { runTest } from './run-test.ts';
import { TestOutput } from './test-output.ts';

/** The test that the guest ended under, and how. */
export interface Cut {
  readonly test: PlannedTest;
  readonly verdict: Verdict;
  /** Whether any test was run in that guest. */
  readonly hasRun: boolean;
  /** How long the test had run. */
  readonly ms: number;
  /** What the console said meanwhile; of a guest that never came, everything. */
  readonly console: readonly string[];
  /** What it had said. */
  readonly said: TestOutput;
}

/**
 * Boots a guest and runs tests in it, `first` and as many more as there are, as long as it is well. Resolves with the test
 * that it ended under, if it did. A guest that is kept goes on after that.
 */
export function serveGuest(
  first: PlannedTest,
  recorded: RecordedGuest,
  options: ServeOptions,
): Promise<Cut | undefined> {
  const kept = Promise.withResolvers<undefined>();
  const ended = Promise.withResolvers<void>();
  const served = serve(first, recorded, options, (test, leaving) => {
    const { runId } = recorded.context;
    options.keeper?.keep({ runId, test: test.file.name, leaving, ended: ended.promise });
    kept.resolve(undefined);
  }).finally(() => {
    recorded[Symbol.dispose]();
    ended.resolve();
  });
  served.catch(() => {}); // Of a kept guest nobody asks any more.
  return Promise.race([served, kept.promise]);
}

async function serve(
  first: PlannedTest,
  recorded: RecordedGuest,
  options: ServeOptions,
  onKept: (test: PlannedTest, leaving: AbortSignal) => void,
): Promise<Cut | undefined> {
  const { work, keeper, programs, known } = options;
  const { context, console } = recorded;
  const { bus, runId } = context;
  let current: PlannedTest | undefined = first;
  let hasRun = false;
  let isGood = true;
  let startedAt = bus.now();
  let startedLine = 0;
  let said = new TestOutput(first.file);
  const request = { ...options.request, kernel: work.kernel, smp: parseSmp(work.smp) };
  const requires = work.agent?.manifest.requires ?? [];
  const isForAgent = work.agent !== undefined && isOurProgram(work.agent);
  const expects = () => current?.expect ?? 'passed';
  // All tests of a guest are of one suite.
  const expectedFindings: readonly FindingKind[] = first.allowsEjection ? ['scheduler-ejected'] : [];
  const claim = () => keeper?.claim(runId) === true;
  const verdict = await inGuest(
    { request, context, requires, isForAgent, expects, expectedFindings },
    async (guest, testify) => {
      const findings = collectFindings(bus, expectedFindings);
      const agent = work.agent && (await attach(guest, work.agent, recorded, options));
      if (agent) testify(agent.testimony);
      const place = { guest, findings, bus, console, programs, known, staysAsItIs: claim };
      for (; current !== undefined; current = options.vm === 'shared' ? work.take() : undefined) {
        hasRun = true;
        startedAt = bus.now();
        startedLine = console.now();
        const test: PlannedTest = current;
        said = new TestOutput(test.file);
        const { attempt, isFull } = await runTest(test, { ...place, ...(agent && { agent }) }, said);
        const isKept = attempt.outcome === 'failed' && claim();
        work.give(test, recorded.own({ ...attempt, ...(isKept && { kept: runId }) }));
        // What becomes of the guest from here on is no test's verdict.
        current = undefined;
        startedLine = console.now();
        isGood = isWell(attempt) && !isKept;
        if (isKept) onKept(test, guest.cause.signal);
        if (isKept) await Promise.race([keeper?.released, rejectOnAbort(guest.cause.signal)]);
        if (!isGood) return;
        if (isFull) break;
      }
      await agent?.stop();
    },
  );
  if (current === undefined && isGood && !['passed', 'cancelled'].includes(verdict.kind))
    work.trouble(recorded.own(troubled(verdict, console.since(startedLine))));
  return current === undefined
    ? undefined
    : {
        ...{ test: current, verdict, hasRun, said, ms: bus.now() - startedAt },
        console: console.since(startedLine),
      };
}

/** A guest that did not end well when its tests were over. */
function troubled(verdict: Verdict, console: readonly string[]): Attempt {
  return { outcome: 'failed', verdict, ms: 0, subtests: [], output: '', console };
}

/** Whether what came after it would still be the next test's own doing. */
function isWell({ verdict }: Attempt): boolean {
  return (verdict.kind === 'passed' || verdict.kind === 'test-failed') && verdict.findings.length === 0;
}

interface AttachedAgent {
  readonly done: Promise<unknown>;
  readonly testimony: () => Partial<Evidence>;
  stop(): Promise<void>;
}

async function attach(
  guest: Guest,
  plan: AgentPlan,
  { context }: RecordedGuest,
  { request }: ServeOptions,
): Promise<AttachedAgent> {
  await checkFeatures(guest, plan);
  let testimony: () => Partial<Evidence> = () => ({});
  const session = await startAgent({
    ...{ guest, plan, bus: context.bus, runDir: context.runDir },
    workingDirectory: request.workingDirectory,
    testify: (given) => {
      testimony = given;
    },
  });
  return { done: session.done, testimony: () => testimony(), stop: session.stop };
}
