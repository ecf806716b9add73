import { type DevboxEvent, EVENT_SCHEMA_VERSION, type ProcessExit } from '../../core/event.ts';
import { createEventBus, type EventSink } from '../../core/event-bus.ts';
import { Failure } from '../../core/failure.ts';
import { judge } from '../../core/judge.ts';
import type { Verdict } from '../../core/verdict.ts';
import { explainFullDisk } from '../../platform/full-disk.ts';
import { runsDir } from '../../platform/paths.ts';
import { processIdentity } from '../../platform/process-identity.ts';
import { newRunId } from '../../platform/record/run-id.ts';
import { RECORD_SCHEMA_VERSION, type RunRequestInfo } from '../../platform/record/run-info.ts';
import { createRunRecord, type RunRecord } from '../../platform/record/run-record.ts';
import { devboxVersion } from '../../platform/version.ts';
import type { SessionContext, UserTerminal } from '../use-case.ts';

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
  /** How the last event names the record's directory. Default: absolute. */
  readonly shownRecord?: (dir: string) => string;
}

/** One run from its first event to its last, on disk in `.devbox/runs`: what the command line and the library both go by. */
export interface Session {
  readonly context: SessionContext;
  /** How the workload, or the command of `exec` or `shell`, ended; what it ran on. */
  facts(): SessionFacts;
  /**
   * Does the work of a use case, to its one verdict. Throws a `Failure` of kind usage or host when nothing was run; the record
   * is gone then. Throws anything else that is no Failure: a bug.
   */
  conclude(work: () => Promise<Verdict>): Promise<Verdict>;
  /** The last events, and the record's end. */
  end(verdict: Verdict, exitCode: number): void;
  /** Keeps what helps to find a bug of devbox; the file's path. */
  writeCrash(text: string): string;
}

export interface SessionFacts {
  readonly exit?: ProcessExit;
  readonly kernel?: string;
  readonly accel?: 'kvm' | 'tcg';
}

/** Makes the record. The first event is emitted by the first call of `conclude`. Throws `Failure` host/* for a record that cannot be written. */
export function openSession(options: SessionOptions): Session {
  const { shownRecord = (dir) => dir, terminal } = options;
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const info = requestInfo(options);
  const record = createRunRecord({
    ...{ runsDir: runsDir(options.cwd), info },
    onFailure: (failure) => broken.abort(failure),
  });
  const seen = watchEvents();
  const bus = createEventBus([record.sink, seen.sink, ...options.sinks]);
  const { runId, startedAt, command } = info;
  return {
    context: { bus, signal, runId, runDir: record.dir, terminal },
    facts: seen.facts,
    conclude: async (work) => {
      const schema = EVENT_SCHEMA_VERSION;
      const devbox = info.versions.devbox;
      bus.emit({ type: 'run-started', schema, runId, startedAt, devbox, command });
      try {
        return firstCause(await work(), signal);
      } catch (caught) {
        const error = explainFullDisk(caught);
        if (!(error instanceof Failure)) throw error;
        if (error.kind !== 'usage' && error.kind !== 'host') return failureVerdict(error);
        record.discard();
        throw error;
      }
    },
    end: (verdict, exitCode) => {
      if (!seen.verdict()) bus.emit({ type: 'verdict', verdict });
      bus.emit({ type: 'run-finished', exitCode, record: shownRecord(record.dir) });
      finishRecord(record, info, { verdict, exitCode, durationMs: bus.now(), ...seen.facts() });
    },
    writeCrash: record.writeCrash,
  };
}

export function failureVerdict(failure: Failure): Verdict {
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
