import { relative } from 'node:path';
import { inspect } from 'node:util';
import { Bug } from '../../core/bug.ts';
import { type DevboxEvent, EVENT_SCHEMA_VERSION, type ProcessExit } from '../../core/event.ts';
import { createEventBus, type EventSink } from '../../core/event-bus.ts';
import { Failure } from '../../core/failure.ts';
import { judge, verdictOfFailure } from '../../core/judge.ts';
import { EXIT_BUG, VERDICT_EXIT_CODES, type Verdict } from '../../core/verdict.ts';
import { explainFullDisk } from '../../platform/full-disk.ts';
import { runsDir } from '../../platform/paths.ts';
import { processIdentity } from '../../platform/process-identity.ts';
import { newRunId } from '../../platform/record/run-id.ts';
import { RECORD_SCHEMA_VERSION, type RunRequestInfo } from '../../platform/record/run-info.ts';
import { createRunRecord, type RunRecord } from '../../platform/record/run-record.ts';
import { devboxVersion } from '../../platform/version.ts';
import type { SessionContext, UserTerminal } from '../use-case.ts';
import { exitCodeOf } from './exit-code.ts';

export interface SessionOptions {
  readonly useCase: RunRequestInfo['useCase'];
  /** For the record. */
  readonly request: unknown;
  /** What was typed, without `devbox` itself; empty: a program asked for it. */
  readonly command: readonly string[];
  /** Where the record goes: `.devbox/runs` here. Absolute. */
  readonly cwd: string;
  /** Stops what goes on. */
  readonly signal: AbortSignal;
  /** Hear of everything, after the record. */
  readonly sinks: readonly EventSink[];
  readonly terminal: UserTerminal;
}

/** A run that goes on, for whoever has to leave it at once: a second Ctrl-C, an exception that nobody caught. */
export interface OpenRun {
  /** The directory of its record. */
  readonly record: string;
  /** The last events, and the record's end; nothing is put away. */
  abandon(reason: Failure): void;
  /** The same for what is no `Failure`; keeps the details in `crash.log`. */
  crash(error: unknown): Bug;
}

/** One run from its first event to its last, on disk in `.devbox/runs`: what the command line and programs both go by. */
export interface Session extends OpenRun {
  readonly context: SessionContext;
  /**
   * Does the work of a use case, to its one verdict and the end of the record. Throws a `Failure` of kind usage or host when
   * nothing was run; the record is gone then. Throws a `Bug` for anything else that is no `Failure`.
   */
  conclude(work: () => Promise<Verdict>): Promise<Conclusion>;
}

export interface Conclusion {
  readonly verdict: Verdict;
  /** What `devbox` exits with after such a run. */
  readonly exitCode: number;
  /** How the workload, or the command of `exec` or `shell`, ended. */
  readonly exit?: ProcessExit;
}

interface SessionFacts {
  readonly exit?: ProcessExit;
  readonly kernel?: string;
  readonly accel?: 'kvm' | 'tcg';
}

/** Makes the record. The first event is emitted by the first call of `conclude`. Throws `Failure` host/* for a record that cannot be written. */
export function openSession(options: SessionOptions): Session {
  const { useCase, terminal, cwd } = options;
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const info = requestInfo(options);
  const record = createRunRecord({
    ...{ runsDir: runsDir(cwd), info },
    onFailure: (failure) => broken.abort(failure),
  });
  const seen = watchEvents();
  const bus = createEventBus([record.sink, seen.sink, ...options.sinks]);
  const { runId, startedAt, command } = info;
  const end = (verdict: Verdict, exitCode: number) => {
    if (!seen.verdict()) bus.emit({ type: 'verdict', verdict });
    bus.emit({ type: 'run-finished', exitCode, record: relative(cwd, record.dir) });
    finishRecord(record, info, { verdict, exitCode, durationMs: bus.now(), ...seen.facts() });
  };
  const crash = (error: unknown) => {
    const bug = new Bug(error, record.writeCrash(crashText(error)));
    end(bugVerdict(bug), EXIT_BUG);
    return bug;
  };
  const perform = async (work: () => Promise<Verdict>) => {
    try {
      return firstCause(await work(), signal);
    } catch (caught) {
      const error = explainFullDisk(caught);
      if (!(error instanceof Failure)) throw crash(error);
      if (error.kind !== 'usage' && error.kind !== 'host') return failureVerdict(error);
      record.discard();
      throw error;
    }
  };
  return {
    context: { bus, signal, runId, runDir: record.dir, terminal },
    record: record.dir,
    conclude: async (work) => {
      const schema = EVENT_SCHEMA_VERSION;
      const devbox = info.versions.devbox;
      bus.emit({ type: 'run-started', schema, runId, startedAt, devbox, command });
      const verdict = await perform(work);
      const { exit } = seen.facts();
      const exitCode = exitCodeOf(useCase, verdict, exit);
      end(verdict, exitCode);
      await bus.drain();
      return { verdict, exitCode, ...(exit && { exit }) };
    },
    abandon: (reason) => end(failureVerdict(reason), VERDICT_EXIT_CODES[verdictOfFailure(reason)]),
    crash,
  };
}

function bugVerdict({ message }: Bug): Verdict {
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

function failureVerdict(failure: Failure): Verdict {
  return judge({ failure, findings: [] });
}

function requestInfo({ useCase, request, command, cwd }: SessionOptions): RunRequestInfo {
  const now = new Date();
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

function watchEvents() {
  let facts: SessionFacts = {};
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

interface Ending extends SessionFacts {
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

/** A full disk ends a run by cancelling it; the verdict is the cause, not the cancelling. */
function firstCause(verdict: Verdict, signal: AbortSignal): Verdict {
  const reason: unknown = signal.aborted ? signal.reason : undefined;
  const isOther = reason instanceof Failure && reason.kind !== 'cancelled';
  return verdict.kind === 'cancelled' && isOther ? failureVerdict(reason) : verdict;
}
