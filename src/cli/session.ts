import { constants } from 'node:os';
import { relative } from 'node:path';
import { inspect } from 'node:util';
import type { UseCase } from '../app/use-case.ts';
import type { DevboxEvent, ProcessExit } from '../core/event.ts';
import { EVENT_SCHEMA_VERSION } from '../core/event.ts';
import { createEventBus, type EventBus, type EventSink } from '../core/event-bus.ts';
import { Failure } from '../core/failure.ts';
import { judge } from '../core/judge.ts';
import { EXIT_BUG, VERDICT_EXIT_CODES, type Verdict } from '../core/verdict.ts';
import { explainFullDisk } from '../platform/full-disk.ts';
import { runsDir } from '../platform/paths.ts';
import { processIdentity } from '../platform/process-identity.ts';
import { newRunId } from '../platform/record/run-id.ts';
import { RECORD_SCHEMA_VERSION, type RunRequestInfo } from '../platform/record/run-info.ts';
import { createRunRecord, type RunRecord } from '../platform/record/run-record.ts';
import { devboxVersion } from '../platform/version.ts';
import { cancelledFailure, cancelOnSignals } from './cancel.ts';
import { failureExitCode, failureText } from './print-failure.ts';
import { chooseRenderer, standardOutputs } from './render/choose.ts';
import { type ColorChoice, wantsColor } from './render/style.ts';
import { openUserTerminal } from './user-terminal.ts';

/** What a request says of how its session is shown. */
export interface ShownRequest {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

export interface SessionOptions<Request extends ShownRequest> {
  readonly useCase: 'run' | 'exec' | 'shell' | 'test';
  readonly request: Request;
  readonly perform: UseCase<Request>;
  /** As typed, without `devbox` itself. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly colorChoice: ColorChoice;
  /** Standard output belongs to somebody else: what is shown goes to standard error. */
  readonly outputIsTaken?: true;
}

/** Runs a use case from its first event to its last: record, renderer, signals, verdict. Resolves with the exit code. */
export async function runSession<Request extends ShownRequest>(
  options: SessionOptions<Request>,
): Promise<number> {
  const { useCase, request, colorChoice } = options;
  const controller = new AbortController();
  const outputs = standardOutputs(() => {
    controller.abort(cancelledFailure('Cancelled: nobody reads the output any more.'));
  });
  const info = requestInfo(options);
  const record = createRunRecord({
    runsDir: runsDir(options.cwd),
    info,
    onFailure: (failure) => controller.abort(failure),
  });
  const renderer = await chooseRenderer(
    { useCase, json: request.json, quiet: request.quiet, colorChoice, rawOnTerminal: useCase === 'shell' },
    options.outputIsTaken ? { ...outputs, stdout: outputs.stderr } : outputs,
  );
  const seen = watchEvents();
  const bus = createEventBus([record.sink, seen.sink, afterFirstNews(renderer.sink)]);
  using terminal = openUserTerminal();

  const end = (verdict: Verdict, exitCode: number) => {
    if (!seen.verdict()) bus.emit({ type: 'verdict', verdict });
    bus.emit({ type: 'run-finished', exitCode, record: relative(options.cwd, record.dir) });
    finishRecord(record, info, { verdict, exitCode, durationMs: bus.now(), ...seen.facts() });
    return exitCode;
  };
  const finish = async (verdict: Verdict, exitCode: number) => {
    end(verdict, exitCode);
    await bus.drain();
    await renderer.finish();
    await Promise.all([outputs.stdout.flush(), outputs.stderr.flush()]);
    return exitCode;
  };
  const report = (error: unknown, crashLog?: string) => {
    const color = wantsColor(colorChoice, outputs.stderr.isTty, process.env);
    const details = crashLog === undefined ? {} : { crashLog };
    return outputs.stderr.write(failureText(error, { color, debug: request.debug, ...details }));
  };
  // Both of these end devbox at once; its children die with it.
  const crash = (error: unknown) => {
    terminal[Symbol.dispose]();
    void report(error, record.writeCrash(crashText(error)));
    process.exit(end(bugVerdict(error), EXIT_BUG));
  };
  const kill = () => {
    terminal[Symbol.dispose]();
    const failure = cancelledFailure('Killed by a second signal before everything was put away.');
    process.exit(end(failureVerdict(failure), VERDICT_EXIT_CODES.cancelled));
  };
  process.once('uncaughtException', crash);
  process.once('unhandledRejection', crash);
  using _signals = cancelOnSignals(controller, kill);

  emitStart(bus, info);
  let verdict: Verdict;
  try {
    const context = { bus, signal: controller.signal, runId: info.runId, runDir: record.dir, terminal };
    verdict = firstCause(await options.perform(request, context), controller.signal);
  } catch (caught) {
    terminal[Symbol.dispose]();
    const error = explainFullDisk(caught);
    if (!(error instanceof Failure)) {
      await renderer.finish();
      await report(error, record.writeCrash(crashText(error)));
      return finish(bugVerdict(error), EXIT_BUG);
    }
    if (error.kind === 'usage' || error.kind === 'host') {
      record.discard();
      await renderer.finish();
      await report(error);
      return failureExitCode(error);
    }
    verdict = failureVerdict(error);
  }
  terminal[Symbol.dispose]();
  return finish(verdict, exitCodeOf(useCase, verdict, seen.facts().exit));
}

function requestInfo<Request extends ShownRequest>(options: SessionOptions<Request>): RunRequestInfo {
  const now = new Date();
  const { useCase, request, command, cwd } = options;
  return {
    schema: RECORD_SCHEMA_VERSION,
    runId: newRunId(now),
    startedAt: now.toISOString(),
    command,
    useCase,
    cwd,
    request,
    versions: { devbox: devboxVersion(), node: process.versions.node },
    process: processIdentity(process.pid) ?? { pid: process.pid, startTime: '0' },
  };
}

function emitStart(bus: EventBus, { runId, startedAt, versions, command }: RunRequestInfo): void {
  const schema = EVENT_SCHEMA_VERSION;
  bus.emit({ type: 'run-started', schema, runId, startedAt, devbox: versions.devbox, command });
}

/** Holds back that a run has started until something happens in it: one that is refused at once shows just the error. */
function afterFirstNews(sink: EventSink): EventSink {
  let held: DevboxEvent | undefined;
  return (event) => {
    if (event.type === 'run-started') {
      held = event;
      return;
    }
    const first = held;
    held = undefined;
    const waiting = first && sink(first);
    return waiting ? waiting.then(() => sink(event)) : sink(event);
  };
}

interface Facts {
  /** How the command of `exec` or `shell`, or the workload of `run`, ended. */
  readonly exit?: ProcessExit;
  readonly kernel?: string;
  readonly accel?: 'kvm' | 'tcg';
}

function watchEvents() {
  let facts: Facts = {};
  let verdict = false;
  return {
    sink: (event: DevboxEvent) => {
      if (event.type === 'workload-exited') facts = { ...facts, exit: event.exit };
      else if (event.type === 'guest-ready') facts = { ...facts, kernel: event.release };
      else if (event.type === 'vm-started') facts = { ...facts, accel: event.accel };
      else if (event.type === 'verdict') verdict = true;
    },
    facts: () => facts,
    verdict: () => verdict,
  };
}

interface Ending extends Facts {
  readonly verdict: Verdict;
  readonly exitCode: number;
  readonly durationMs: number;
}

function finishRecord(record: RunRecord, info: RunRequestInfo, ending: Ending): void {
  const { verdict, exitCode, durationMs, kernel, accel } = ending;
  const { runId, startedAt, command, request, versions } = info;
  record.finish({
    schema: RECORD_SCHEMA_VERSION,
    runId,
    startedAt,
    finishedAt: new Date().toISOString(),
    durationMs,
    exitCode,
    verdict,
    command,
    request,
    versions: kernel === undefined ? versions : { ...versions, kernel },
    ...(accel === undefined ? {} : { accel }),
  });
}

function failureVerdict(failure: Failure): Verdict {
  return judge({ failure, findings: [] });
}

/** A full disk ends a run by cancelling it; the verdict is the cause, not the cancelling. */
function firstCause(verdict: Verdict, signal: AbortSignal): Verdict {
  const reason: unknown = signal.aborted ? signal.reason : undefined;
  const isOther = reason instanceof Failure && reason.kind !== 'cancelled';
  return verdict.kind === 'cancelled' && isOther ? failureVerdict(reason) : verdict;
}

/** A passed-through command's exit code is devbox's own, as a shell would give it; any other verdict has its own code. */
function exitCodeOf(
  useCase: SessionOptions<ShownRequest>['useCase'],
  verdict: Verdict,
  exit?: ProcessExit,
): number {
  const isCommand = useCase === 'exec' || useCase === 'shell';
  const passedThrough = isCommand && (verdict.kind === 'passed' || verdict.kind === 'test-failed');
  if (!passedThrough || exit === undefined) return VERDICT_EXIT_CODES[verdict.kind];
  if (exit.signal === undefined) return exit.code ?? 0;
  return 128 + (constants.signals[exit.signal as NodeJS.Signals] ?? 0);
}

function bugVerdict(error: unknown): Verdict {
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: 'infrastructure-failed',
    summary: `This is a bug in devbox: ${message}`,
    evidence: [],
    findings: [],
    files: ['crash.log'],
  };
}

function crashText(error: unknown): string {
  return `devbox ${devboxVersion()}, Node ${process.versions.node}\n${inspect(error, { depth: 8 })}\n`;
}
