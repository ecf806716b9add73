import { constants } from 'node:os';
import type { ProcessExit } from '../../core/event.ts';
import type { EventBus } from '../../core/event-bus.ts';
import { Failure } from '../../core/failure.ts';
import type { KernelFinding } from '../../core/finding.ts';
import type { Evidence } from '../../core/judge.ts';
import { judge } from '../../core/judge.ts';
import { formatDuration } from '../../core/units.ts';
import type { Verdict } from '../../core/verdict.ts';
import { TapParser } from '../../results/tap/tap-parser.ts';
import { GuestError } from '../../vm/channel/guest-failure.ts';
import type { ExecOptions, GuestProcess } from '../../vm/channel/guest-process.ts';
import { flushConsole } from '../../vm/flush-console.ts';
import { rejectOnAbort } from '../guest/reject-on-abort.ts';
import type { Guest } from '../guest/start-guest.ts';
import { type Attempt, EXIT_SKIP, judgeAttempt } from './attempt.ts';
import { BoundedText } from './bounded-text.ts';
import type { ConsoleTail } from './console-tail.ts';
import { excuseKnown, type KnownFinding } from './known-findings.ts';
import type { PlannedTest } from './plan-tests.ts';
import { type TestPrograms, testCommand } from './test-command.ts';

export interface TestPlace {
  readonly guest: Guest;
  readonly programs: TestPrograms;
  /** Of the guest: console, output, findings. */
  readonly bus: EventBus;
  /** Everything the kernel complained about since it was started; grows. */
  readonly findings: readonly KernelFinding[];
  readonly console: ConsoleTail;
  /** What kernels are known to complain about. */
  readonly known: readonly KnownFinding[];
  /** The scheduler's agent, when there is one. */
  readonly agent?: { readonly done: Promise<unknown>; testimony(): Partial<Evidence> };
}

/** Kept of what a test prints, bytes; all of it is in the record. */
const OUTPUT_BYTES = 128 * 1024;
/** From SIGTERM to SIGKILL, and from there until the guest is given up. */
const GRACE_MS = 2000;
const STDERR_LINES = 20;

/** Runs a test to its end in a guest that is well. Rejects with the first cause when the guest ends under it. */
export async function runTest(test: PlannedTest, place: TestPlace): Promise<Attempt> {
  const { guest, bus, findings, console } = place;
  const from = { findings: findings.length, console: console.now() };
  const output = new BoundedText(OUTPUT_BYTES);
  const stderr = new BoundedText(8 * 1024);
  const tap = new TapParser();
  const startedAt = bus.now();
  const command = await testCommand(test, guest, place.programs).catch(notCompiled);
  if (command instanceof Failure) return failedToCompile(test, command);
  const ended = await execute(test, command, place, { output, stderr, onStdout: (data) => tap.push(data) });
  const ms = bus.now() - startedAt;
  await flushConsole(guest.vm);
  const evidence: Evidence = {
    findings: [],
    ...(ended.failure && { failure: ended.failure }),
    ...(ended.exit && {
      workload: { name: test.file.name, exit: acceptable(ended.exit), stderr: lastLines(String(stderr)) },
    }),
    ...(ended.agentIsGone && place.agent?.testimony()),
  };
  const report = tap.end();
  const where = { file: test.file.name, release: guest.vm.hello.release };
  const judgeBy = (some: readonly KernelFinding[]) => {
    const verdict = judgeFor(test, { ...evidence, findings: some }, guest.starvation());
    return judgeAttempt(test, verdict, report, ended.exit);
  };
  return {
    ...excuseKnown(findings.slice(from.findings), where, place.known, judgeBy),
    ...{ ms, subtests: report.isTap ? report.subtests : [], output: String(output) },
    console: console.since(from.console),
  };
}

/** A failure that is demanded has come, however slow the host was. */
function judgeFor({ expect }: PlannedTest, evidence: Evidence, starvation: number): Verdict {
  const plain = judge(evidence);
  return expect !== 'passed' && plain.kind === expect ? plain : judge({ ...evidence, starvation });
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

/** A test that says it cannot be run here has not failed. */
function acceptable(exit: ProcessExit): ProcessExit {
  return exit.code === EXIT_SKIP ? { code: 0 } : exit;
}

function lastLines(text: string): readonly string[] {
  return text.replace(/\n$/, '').split('\n').slice(-STDERR_LINES);
}

interface Ended {
  readonly exit?: ProcessExit;
  /** It was not over in time. */
  readonly failure?: Failure;
  readonly agentIsGone: boolean;
}

interface Streams {
  readonly output: BoundedText;
  readonly stderr: BoundedText;
  readonly onStdout: (data: Uint8Array) => void;
}

async function execute(
  test: PlannedTest,
  command: ExecOptions,
  { guest, bus, agent }: TestPlace,
  streams: Streams,
): Promise<Ended> {
  const { signal } = guest.cause;
  let process: GuestProcess;
  try {
    process = await guest.vm.channel.exec(command, { signal });
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    streams.stderr.push(Buffer.from(`${error.message}\n`));
    streams.output.push(Buffer.from(`devbox: ${error.message}\n`));
    return { exit: { code: error.errno === 'ENOENT' ? 127 : 126 }, agentIsGone: false };
  }
  bus.emit({ type: 'workload-started', workload: test.file.name, argv: command.argv, pid: process.pid });
  const startedAt = bus.now();
  const done = pump(process, bus, streams);
  using limit = startLimit(test, guest);
  const gone = (agent?.done ?? new Promise<never>(() => {})).then(() => 'agent' as const);
  const first = await Promise.race([done, limit.reached, gone, rejectOnAbort(signal)]);
  if (first === 'agent' || first === 'late') await endProcess(process, done, guest);
  const exit = typeof first === 'object' ? first : undefined;
  if (exit) bus.emit({ type: 'workload-exited', exit, ms: bus.now() - startedAt });
  // An agent may end a moment after the test that its scheduler failed.
  const agentIsGone = first === 'agent' || (agent !== undefined && (await isSettled(agent.done)));
  return {
    agentIsGone,
    ...(exit && { exit }),
    ...(first === 'late' && { failure: tooLate(test, guest) }),
  };
}

async function pump(process: GuestProcess, bus: EventBus, streams: Streams): Promise<ProcessExit> {
  const forward = async (stream: AsyncIterable<Uint8Array>, fd: 1 | 2) => {
    for await (const data of stream) {
      streams.output.push(data);
      if (fd === 1) streams.onStdout(data);
      else streams.stderr.push(data);
      bus.emit({ type: 'guest-output', stream: 'workload', fd, data });
      await bus.drain();
    }
  };
  await Promise.all([forward(process.stdout, 1), forward(process.stderr, 2)]);
  const { code, signal } = await process.exited;
  return signal === undefined ? { code: code ?? 0 } : { signal };
}

interface Limit extends Disposable {
  readonly reached: Promise<'late'>;
}

function startLimit({ timeoutMs }: PlannedTest, guest: Guest): Limit {
  const { promise, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(resolve, guest.scale(timeoutMs), 'late');
  return { reached: promise, [Symbol.dispose]: () => clearTimeout(timer) };
}

function tooLate(test: PlannedTest, guest: Guest): Failure {
  return new Failure({
    kind: 'guest',
    code: 'workload-timeout',
    message: `${test.file.name} was not over after ${formatDuration(guest.scale(test.timeoutMs))}; the guest still answered.`,
    hint: 'Give it longer: `timeout` of the suite, or `devbox-test: timeout=5m` in a comment of the test.',
  });
}

/** SIGTERM, then SIGKILL; a guest in which even that does not end it is not well: it is stopped. */
async function endProcess(process: GuestProcess, done: Promise<ProcessExit>, guest: Guest): Promise<void> {
  for (const signal of [constants.signals.SIGTERM, constants.signals.SIGKILL]) {
    await process.signal(signal);
    if (await withinMs(done, guest.scale(GRACE_MS), guest.cause.signal)) return;
  }
  const failure = new Failure({
    kind: 'guest',
    code: 'workload-timeout',
    message: 'A process of the test did not end, not even by SIGKILL: it hangs in the kernel.',
    hint: 'The console in the record may say where.',
  });
  guest.cause.stop(failure);
  throw failure;
}

async function withinMs(done: Promise<unknown>, ms: number, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, ms, false);
  try {
    return await Promise.race([done.then(() => true), promise, rejectOnAbort(signal)]);
  } finally {
    clearTimeout(timer);
  }
}

function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<false>((resolve) => setImmediate(resolve, false)),
  ]);
}
