import { constants } from 'node:os';
import type { ProcessExit } from '../../core/event.ts';
import type { EventBus } from '../../core/event-bus.ts';
import { Failure } from '../../core/failure.ts';
import { formatDuration } from '../../core/units.ts';
import { GuestError } from '../../vm/channel/guest-failure.ts';
import type { ExecOptions, GuestProcess } from '../../vm/channel/guest-process.ts';
import { describeGuestState } from '../guest/guest-state.ts';
import { rejectOnAbort } from '../guest/reject-on-abort.ts';
import type { Guest } from '../guest/start-guest.ts';
import { withinMs } from '../guest/within-ms.ts';
import type { ConsoleTail } from './console-tail.ts';
import type { PlannedTest } from './plan-tests.ts';
import type { TestOutput } from './test-output.ts';

/** From SIGTERM to SIGKILL, and from there until the guest is given up. */
const GRACE_MS = 2000;

export interface ProcessPlace {
  readonly guest: Guest;
  /** Of the guest: console, output, findings. */
  readonly bus: EventBus;
  readonly console: ConsoleTail;
  readonly agent?: { readonly done: Promise<unknown> };
  /** Whether the guest stays as it is when a test fails, with what runs in it. */
  staysAsItIs(): boolean;
}

export interface EndedProcess {
  readonly exit?: ProcessExit;
  /** It was not over in time. */
  readonly failure?: Failure;
  readonly agentIsGone: boolean;
  /** What was on the console before devbox had the kernel print more. */
  readonly console?: readonly string[];
}

/** Runs the program of a test until it is over, too late, or its agent has ended. Rejects with the first cause when the guest ends. */
export async function runTestProcess(
  test: PlannedTest,
  command: ExecOptions,
  place: ProcessPlace,
  said: TestOutput,
): Promise<EndedProcess> {
  const { guest, bus, agent } = place;
  const { signal } = guest.cause;
  let process: GuestProcess;
  try {
    process = await guest.vm.channel.exec(command, { signal });
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    said.push(2, Buffer.from(`devbox: ${error.message}\n`));
    return { exit: { code: error.errno === 'ENOENT' ? 127 : 126 }, agentIsGone: false };
  }
  const begun = place.console.now();
  bus.emit({ type: 'workload-started', workload: test.file.name, argv: command.argv, pid: process.pid });
  const startedAt = bus.now();
  const done = pump(process, bus, said);
  done.catch(() => {}); // Who waits for it is told; nobody may.
  using limit = startLimit(test, guest);
  const gone = (agent?.done ?? new Promise<never>(() => {})).then(() => 'agent' as const);
  const first = await Promise.race([done, limit.reached, gone, rejectOnAbort(signal)]);
  const late = first === 'late' ? await examine(test, place, begun) : undefined;
  const isLeft = test.expect === 'passed' && typeof first !== 'object' && place.staysAsItIs();
  if (typeof first !== 'object' && !isLeft) await endProcess(process, done, place);
  const exit = typeof first === 'object' ? first : undefined;
  if (exit) bus.emit({ type: 'workload-exited', exit, ms: bus.now() - startedAt });
  // An agent may end a moment after the test that its scheduler failed.
  const agentIsGone = first === 'agent' || (agent !== undefined && (await isSettled(agent.done)));
  return {
    agentIsGone,
    ...(exit && { exit }),
    ...late,
  };
}

async function pump(process: GuestProcess, bus: EventBus, said: TestOutput): Promise<ProcessExit> {
  const forward = async (stream: AsyncIterable<Uint8Array>, fd: 1 | 2) => {
    for await (const data of stream) {
      said.push(fd, data);
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

/** What the guest was doing when it was too late, before anything is ended. */
async function examine(test: PlannedTest, { guest, bus, console }: ProcessPlace, begun: number) {
  const before = console.since(begun);
  return { failure: tooLate(test, guest, await describeGuestState(guest.vm, bus)), console: before };
}

function tooLate(test: PlannedTest, guest: Guest, evidence: readonly string[]): Failure {
  return new Failure({
    kind: 'guest',
    code: 'workload-timeout',
    message: `${test.file.name} was not over after ${formatDuration(guest.scale(test.timeoutMs))}; the guest still answered.`,
    evidence,
    hint:
      test.file.kind === 'selftest'
        ? 'Give it longer with --timeout.'
        : 'Give it longer: `timeout` of the suite, or `devbox-test: timeout=5m` in a comment of the test.',
  });
}

/** SIGTERM, then SIGKILL; a guest in which even that does not end it is not well: it is stopped. */
async function endProcess(
  process: GuestProcess,
  done: Promise<ProcessExit>,
  { guest, bus }: ProcessPlace,
): Promise<void> {
  for (const signal of [constants.signals.SIGTERM, constants.signals.SIGKILL]) {
    await process.signal(signal);
    if (await withinMs(done, guest.scale(GRACE_MS), guest.cause.signal)) return;
  }
  const failure = new Failure({
    kind: 'guest',
    code: 'workload-timeout',
    message: 'A process of the test did not end, not even by SIGKILL: it hangs in the kernel.',
    evidence: await describeGuestState(guest.vm, bus),
    hint: 'The console in the record has the back-traces.',
  });
  guest.cause.stop(failure);
  throw failure;
}

function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<false>((resolve) => setImmediate(resolve, false)),
  ]);
}
