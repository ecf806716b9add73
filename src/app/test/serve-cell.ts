import type { FindingKind } from '../../core/finding.ts';
import type { Evidence } from '../../core/judge.ts';
import { parseSmp } from '../../core/smp.ts';
import type { Verdict } from '../../core/verdict.ts';
import { collectFindings } from '../guest/collect-findings.ts';
import { inGuest } from '../guest/in-guest.ts';
import type { Guest } from '../guest/start-guest.ts';
import type { GuestRequest } from '../request.ts';
import { type AgentPlan, checkFeatures, startAgent } from '../run/agent-session.ts';
import type { SessionContext } from '../use-case.ts';
import { type Attempt, judgeAttempt } from './attempt.ts';
import type { RecordedGuest } from './guest-record.ts';
import type { KnownFinding } from './known-findings.ts';
import type { PlannedTest } from './plan-tests.ts';
import { runTest } from './run-test.ts';
import type { TestPrograms } from './test-command.ts';
import { TestOutput } from './test-output.ts';

/** Tests that need the same guest, and who takes them. */
export interface CellWork {
  readonly kernel: string;
  readonly smp: string;
  readonly agent?: AgentPlan;
  /** The next test; undefined when none is left. */
  take(): PlannedTest | undefined;
  /** How it went. */
  give(test: PlannedTest, attempt: Attempt): void;
  /** A guest did not end well, and no test is to blame. */
  trouble(verdict: Verdict): void;
}

export interface ServeOptions {
  readonly work: CellWork;
  /** What is common to all guests. */
  readonly request: GuestRequest;
  readonly context: SessionContext;
  readonly programs: TestPrograms;
  readonly vm: 'shared' | 'per-test';
  readonly known: readonly KnownFinding[];
  /** A record for one more guest. */
  readonly record: () => RecordedGuest;
}

/** So many guests in a row may end before a test has begun; then the rest is not tried any more. */
const MAX_STILLBORN = 2;

/** Boots guests and runs tests in them until none is left: a fresh guest whenever the last one is no longer well. */
export async function serveCell(options: ServeOptions): Promise<void> {
  const { work, context } = options;
  let stillborn = 0;
  const next = () => (context.signal.aborted ? undefined : work.take());
  for (let test = next(); test !== undefined; test = next()) {
    using recorded = options.record();
    const end = await serveInGuest(test, recorded, options);
    if (end === undefined) {
      stillborn = 0;
      continue;
    }
    work.give(end.test, recorded.own(cutShort(end)));
    stillborn = end.hasRun ? 0 : stillborn + 1;
    if (stillborn >= MAX_STILLBORN) giveUp(work, end);
  }
}

/** The test that the guest ended under, and how. */
interface Cut {
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

async function serveInGuest(
  first: PlannedTest,
  recorded: RecordedGuest,
  options: ServeOptions,
): Promise<Cut | undefined> {
  const { work } = options;
  const { context } = recorded;
  let current: PlannedTest | undefined = first;
  let hasRun = false;
  let isGood = true;
  let startedAt = context.bus.now();
  let startedLine = 0;
  let said = new TestOutput(first.file);
  const request = { ...options.request, kernel: work.kernel, smp: parseSmp(work.smp) };
  const requires = work.agent?.manifest.requires ?? [];
  const expects = () => current?.expect ?? 'passed';
  // All tests of a guest are of one suite.
  const expectedFindings: readonly FindingKind[] = first.allowsEjection ? ['scheduler-ejected'] : [];
  const wanted = { request, context, requires, expects, expectedFindings };
  const verdict = await inGuest(wanted, async (guest, testify) => {
    const findings = collectFindings(context.bus, expectedFindings);
    const agent = work.agent && (await attach(guest, work.agent, recorded, options));
    if (agent) testify(agent.testimony);
    for (; current !== undefined; current = options.vm === 'shared' ? work.take() : undefined) {
      const place = {
        guest,
        findings,
        bus: context.bus,
        console: recorded.console,
        programs: options.programs,
        known: options.known,
      };
      hasRun = true;
      startedAt = context.bus.now();
      startedLine = recorded.console.now();
      said = new TestOutput(current.file);
      const attempt = await runTest(current, { ...place, ...(agent && { agent }) }, said);
      work.give(current, recorded.own(attempt));
      isGood = isWell(attempt);
      if (!isGood) {
        current = undefined;
        return;
      }
    }
    await agent?.stop();
  });
  if (current === undefined && isGood && !['passed', 'cancelled'].includes(verdict.kind))
    work.trouble(verdict);
  return current === undefined
    ? undefined
    : {
        ...{ test: current, verdict, hasRun, said, ms: context.bus.now() - startedAt },
        console: recorded.console.since(startedLine),
      };
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

/** A test whose guest ended under it, or never came. */
function cutShort({ test, verdict, ms, console, said }: Omit<Cut, 'hasRun'>): Attempt {
  return {
    ...judgeAttempt(test, verdict),
    ...{ ms, subtests: said.subtests(), output: said.text(), console },
  };
}

function giveUp(work: CellWork, { verdict, console }: Cut): void {
  const summary = `Not run, because ${MAX_STILLBORN} guests in a row did not come to it: ${verdict.summary}`;
  for (let test = work.take(); test !== undefined; test = work.take()) {
    const said = new TestOutput(test.file);
    const attempt = cutShort({ test, verdict: { ...verdict, summary }, ms: 0, console, said });
    work.give(test, { ...attempt, outcome: 'failed' });
  }
}
