import { prepareBuildRoot } from '../../build/root/prepare-build-root.ts';
import { compileTest } from '../../build/test-program/compile-test.ts';
import { parseSmp } from '../../core/smp.ts';
import type { SuiteResult, TestResult } from '../../core/test-result.ts';
import type { Verdict, VerdictKind } from '../../core/verdict.ts';
import { countOutcomes, countsText } from '../../results/reporters/matrix.ts';
import { chooseMachine } from '../guest/choose-machine.ts';
import { prepareGuest } from '../guest/prepare-guest.ts';
import { agentChoice } from '../policy/agent-choice.ts';
import type { GuestRequest } from '../request.ts';
import type { AgentPlan } from '../run/agent-session.ts';
import { planAgent } from '../run/plan.ts';
import type { SessionContext, UseCase } from '../use-case.ts';
import { chooseJobs } from './choose-jobs.ts';
import type { GuestKeeper } from './guest-keeper.ts';
import { recordGuest } from './guest-record.ts';
import { inOrder } from './in-order.ts';
import { KnownFindings, type StaleFinding } from './known-findings.ts';
import { againInCell, type PlannedTest, planTests, type TestFilters } from './plan-tests.ts';
import { prepareKselftest } from './prepare-kselftest.ts';
import { serveCell } from './serve-cell.ts';
import type { TestSuite } from './suite.ts';
import type { TestPrograms } from './test-command.ts';
import { type SettledTest, TestQueue } from './test-queue.ts';

export interface TestRequest extends GuestRequest {
  readonly suite: TestSuite;
  readonly filters: TestFilters;
  readonly bail: boolean;
  /** Undefined: no guest stays longer than its tests. */
  readonly keeper?: GuestKeeper;
  /** Given what has been run when everything is over, however it ended. */
  readonly onResult: (result: SuiteResult) => Promise<void>;
}

/** `devbox test`: every test of the plan in guests, one verdict for each, one for all. */
export const runTests: UseCase<TestRequest> = async (request, context) => {
  const { suite, filters } = request;
  const { bus, signal } = context;
  const prepared = await prepareKselftest(suite, { cwd: request.cwd, emit: bus.emit, signal });
  const plan = planTests(suite, filters, prepared);
  const agents = await planAgents(plan, request, context);
  const machine = await chooseMachine(request, context);
  const jobs = chooseJobs(suite.jobs, {
    ...{ tests: plan.length, memoryBytes: request.memoryBytes, accel: machine.accel },
    vcpus: Math.max(...plan.map(({ cell }) => parseSmp(cell.smp).cpus)),
  });
  const startedAt = new Date().toISOString();
  const began = context.bus.now();
  for (const kernel of new Set(plan.map(({ cell }) => cell.kernel)))
    await prepareGuest({ ...request, kernel }, context, []);
  context.bus.emit({ type: 'suite-started', suite: suite.name, tests: plan.length, jobs });

  const results: TestResult[] = [];
  const tell = inOrder<TestResult>((result) => {
    results.push(result);
    context.bus.emit({ type: 'test-finished', result });
  });
  let done = 0;
  let failed = 0;
  const queue = new TestQueue(plan, {
    ...{ retries: suite.retries, bail: request.bail },
    onSettled: (settled) => {
      done += 1;
      if (settled.attempt.outcome === 'failed') failed += 1;
      context.bus.emit({ type: 'suite-progress', done, total: plan.length, failed });
      tell(settled.test.index, resultOf(settled));
    },
  });
  const known = new KnownFindings(suite.known);
  try {
    await serve({ queue, jobs, agents, known }, request, context);
    for (const stale of known.stale()) context.bus.emit(staleNotice(stale));
  } finally {
    for (const test of queue.left()) tell(test.index, leftOut(test, context));
    for (const [index, trouble] of inPlanOrder(queue.troubles).entries())
      tell(plan.length + index, afterTests(trouble, suite));
    const verdict = verdictOf(results);
    const ms = context.bus.now() - began;
    await request.onResult({ suite: suite.name, startedAt, ms, results, verdict });
  }
  return verdictOf(results);
};

interface Serving {
  readonly queue: TestQueue;
  readonly known: KnownFindings;
  readonly jobs: number;
  readonly agents: ReadonlyMap<string, AgentPlan>;
}

/** So many guests at a time, each taking tests until none is left. */
async function serve(
  { queue, jobs, agents, known }: Serving,
  request: TestRequest,
  context: SessionContext,
): Promise<void> {
  let guests = 0;
  const told = new Set<string>();
  const programs = testPrograms(request, agents, context);
  const lane = async () => {
    for (let cell = queue.nextCell(); cell !== undefined; cell = queue.nextCell()) {
      using work = cell;
      const { sample } = work;
      const agent = agents.get(sample.agent.join('\0'));
      await serveCell({
        ...{
          request,
          context,
          programs,
          vm: request.suite.vm,
          ...(request.keeper && { keeper: request.keeper }),
          known,
        },
        work: {
          ...{ kernel: sample.cell.kernel, smp: sample.cell.smp, ...(agent && { agent }) },
          ...{ take: work.take, give: work.give, trouble: work.trouble },
        },
        record: () => {
          guests += 1;
          return recordGuest(guests, context, told);
        },
      });
      if (context.signal.aborted) return;
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: jobs }, lane));
  const failed = lanes.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
}

/** By the words that name them: what is wrong with an agent is told before anything boots. */
async function planAgents(
  plan: readonly PlannedTest[],
  { shares, suite }: TestRequest,
  { bus, signal }: SessionContext,
): Promise<ReadonlyMap<string, AgentPlan>> {
  const agents = new Map<string, AgentPlan>();
  for (const { about } of plan) {
    const [name, ...agentArgs] = about;
    if (name === undefined || agents.has(about.join('\0'))) continue;
    const choice = agentChoice(name, suite.dir);
    const request = { agent: choice, agentArgs, shares, types: 'warn' as const };
    agents.set(about.join('\0'), await planAgent(request, { emit: bus.emit, signal }));
  }
  return agents;
}

/** Compiles each C test once, in the build root. */
function testPrograms(
  { shares }: TestRequest,
  agents: Serving['agents'],
  { signal }: SessionContext,
): TestPrograms {
  const compiled = new Map<string, Promise<string>>();
  const compile = async (source: string) => {
    const root = await prepareBuildRoot({ emit: () => {}, signal });
    return compileTest(source, { root, signal });
  };
  return {
    shares,
    agentOf: ({ about }) => agents.get(about.join('\0')),
    compile: (source) => {
      const program = compiled.get(source) ?? compile(source);
      compiled.set(source, program);
      return program;
    },
  };
}

function resultOf({ test, attempt, earlier, isFlaky }: SettledTest): TestResult {
  const { file, cell, again } = test;
  return {
    ...attempt,
    ...{ file: file.name, cell, again, attempts: earlier.length + 1 },
    ...(earlier.length > 0 && { earlier }),
    outcome: isFlaky ? 'flaky' : attempt.outcome,
  };
}

/** An entry that excuses nothing any more would excuse the next mistake. */
function staleNotice({ finding, kernel, tests }: StaleFinding) {
  return {
    ...{ type: 'notice' as const, level: 'warning' as const },
    message: `Known, and not found: "${finding}" on ${kernel} did not show in ${tests === 1 ? 'the test' : `the ${tests} tests`} that it is listed for.`,
    hint: 'If that is mended, take it out of `known` in the configuration.',
  };
}

type Trouble = TestQueue['troubles'][number];

function inPlanOrder(troubles: readonly Trouble[]): Trouble[] {
  return [...troubles].sort((a, b) => a.sample.index - b.sample.index);
}

/** A result of no test's: every report has it, and nobody takes what it says for a test's doing. */
function afterTests({ sample, attempt }: Trouble, suite: TestSuite): TestResult {
  return {
    ...attempt,
    ...{ file: '(after the tests)', cell: sample.cell, attempts: 1, again: againInCell(suite, sample.cell) },
  };
}

/** What was not begun when everything was stopped. */
function leftOut({ file, cell, again }: PlannedTest, { signal }: SessionContext): TestResult {
  const summary = signal.aborted
    ? 'Not run: everything was stopped before.'
    : 'Not run, because another test failed (--bail).';
  return {
    ...{ file: file.name, cell, again, attempts: 0, ms: 0, subtests: [], output: '', console: [] },
    ...(signal.aborted
      ? { outcome: 'failed', verdict: { kind: 'cancelled', summary, evidence: [], findings: [] } }
      : {
          outcome: 'skipped',
          reason: summary,
          verdict: { kind: 'passed', summary, evidence: [], findings: [] },
        }),
  };
}

/** One verdict for all: what every failure agrees on, else test-failed. */
function verdictOf(results: readonly TestResult[]): Verdict {
  const bad = results.filter(({ outcome }) => outcome === 'failed').map(({ verdict }) => verdict);
  const kinds = new Set(bad.map(({ kind }) => kind));
  const [only] = kinds;
  const kind: VerdictKind = only === undefined ? 'passed' : kinds.size === 1 ? only : 'test-failed';
  const findings = bad.flatMap((verdict) => verdict.findings);
  const tests = `${results.length} test${results.length === 1 ? '' : 's'}`;
  return { kind, summary: `${tests}: ${countsText(countOutcomes(results))}.`, evidence: [], findings };
}
