import type { ProcessExit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import type { KernelFinding } from '../../core/finding.ts';
import type { Evidence } from '../../core/judge.ts';
import { judgeExpecting } from '../../core/judge.ts';
import { flushConsole } from '../../vm/flush-console.ts';
import type { Guest } from '../guest/start-guest.ts';
import { untilSchedulerUnloaded } from '../run/sched-ext-state.ts';
import { type Attempt, EXIT_SKIP, judgeAttempt } from './attempt.ts';
import { isFull } from './is-full.ts';
import { judgeSelftest } from './judge-selftest.ts';
import type { KnownFindings } from './known-findings.ts';
import type { PlannedTest } from './plan-tests.ts';
import { excuseSlowHost } from './slow-host.ts';
import { type TestPrograms, testCommand } from './test-command.ts';
import type { TestFile } from './test-file.ts';
import type { TestOutput } from './test-output.ts';
import { type ProcessPlace, runTestProcess } from './test-process.ts';

/** For a scheduler whose program has ended. */
const UNLOAD_MS = 2000;
/** Of a selftest's runner: newer ones say by it, too, that a case failed. */
const EXIT_FAILED_CASES = 1;

export interface TestPlace extends ProcessPlace {
  readonly programs: TestPrograms;
  /** Everything the kernel complained about since it was started; grows. */
  readonly findings: readonly KernelFinding[];
  /** What kernels are known to complain about. */
  readonly known: KnownFindings;
  /** The scheduler's agent, when there is one. */
  readonly agent?: { readonly done: Promise<unknown>; testimony(): Partial<Evidence> };
}

export interface RunTest {
  readonly attempt: Attempt;
  /** It has left no room for another one in that guest. */
  readonly isFull: boolean;
}

/**
 * Runs a test to its end in a guest that is well; `said` takes what it prints. Rejects with the first cause when the guest
 * ends under it.
 */
export async function runTest(test: PlannedTest, place: TestPlace, said: TestOutput): Promise<RunTest> {
  const { guest, bus, findings, console } = place;
  const from = { findings: findings.length, console: console.now() };
  const startedAt = bus.now();
  const command = await testCommand(test, guest, place.programs).catch(notCompiled);
  if (command instanceof Failure) return { attempt: failedToCompile(test, command), isFull: false };
  const ended = await runTestProcess(test, command, place, said);
  const ms = bus.now() - startedAt;
  const isSelftest = test.file.kind === 'selftest';
  const leftLoaded = isSelftest ? await leftBehind(guest) : undefined;
  // Asked before the test has its verdict: a guest that does not answer any more was lost by it.
  const vitals = await guest.vm.channel.vitals({ signal: guest.cause.signal });
  // The kernel had nothing to say under most tests: then there is nothing on its way that would be theirs.
  if (vitals.hasPrinted || ended.exit?.code !== 0) await flushConsole(guest.vm);
  const evidence: Evidence = {
    findings: [],
    ...(ended.failure && { failure: ended.failure }),
    ...(ended.exit && {
      workload: {
        name: test.file.name,
        exit: acceptable(ended.exit, test.file),
        stderr: said.lastErrorLines(),
      },
    }),
    ...(ended.agentIsGone && place.agent?.testimony()),
    ...(leftLoaded !== undefined && { leftLoaded }),
  };
  const report = said.report();
  const where = { file: test.file.name, release: guest.vm.hello.release };
  const judgeBy = (some: readonly KernelFinding[]) => {
    const starvation = guest.starvation();
    const verdict = judgeExpecting({ ...evidence, findings: some, starvation }, test.expect);
    return isSelftest
      ? judgeSelftest(test, verdict, report, said.lastErrorLines())
      : excuseSlowHost(judgeAttempt(test, verdict, report, ended.exit), report, starvation);
  };
  const attempt = {
    ...place.known.excuse(findings.slice(from.findings), where, judgeBy),
    ...{ ms, subtests: said.subtests(), output: said.text() },
    console: ended.console ?? console.since(from.console),
  };
  return { attempt, isFull: isFull(vitals) };
}

/** A test that does not compile has failed; anything else that keeps it from running is not its fault. */
function notCompiled(error: unknown): Failure {
  if (error instanceof Failure && error.kind === 'build') return error;
  throw error;
}

function failedToCompile(test: PlannedTest, failure: Failure): Attempt {
  const { message, evidence, log } = failure;
  const verdict = {
    ...{ kind: 'test-failed' as const, summary: message, evidence, findings: [] },
    ...(log !== undefined && { hint: `The compiler's whole output: ${log}` }),
  };
  return { ...judgeAttempt(test, verdict), ms: 0, subtests: [], output: evidence.join('\n'), console: [] };
}

/** A test that says it cannot be run here has not failed. How one of the kernel's own went is in what its runner printed. */
function acceptable(exit: ProcessExit, { kind }: TestFile): ProcessExit {
  const isTold = exit.code === EXIT_SKIP || (kind === 'selftest' && exit.code === EXIT_FAILED_CASES);
  return isTold ? { code: 0 } : exit;
}

/** A scheduler that is still loaded when the program that loaded it has ended: the next one could not be. */
function leftBehind({ vm, cause, scale }: Guest): Promise<string | undefined> {
  return untilSchedulerUnloaded(vm.channel, cause.signal, scale(UNLOAD_MS));
}
