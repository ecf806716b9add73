import { PassThrough } from 'node:stream';
import { EVENT_SCHEMA_VERSION } from '../../core/event.ts';
import { createEventBus, type EventSink } from '../../core/event-bus.ts';
import { VERDICT_EXIT_CODES, type Verdict } from '../../core/verdict.ts';
import { runsDir } from '../../platform/paths.ts';
import { processIdentity } from '../../platform/process-identity.ts';
import { newRunId } from '../../platform/record/run-id.ts';
import { RECORD_SCHEMA_VERSION, type RunRequestInfo } from '../../platform/record/run-info.ts';
import { createRunRecord } from '../../platform/record/run-record.ts';
import { devboxVersion } from '../../platform/version.ts';
import type { GuestRequest } from '../request.ts';
import type { SessionContext, UserTerminal } from '../use-case.ts';

/** What every call of the library may be given. */
export interface LibraryOptions {
  /** Stops what goes on; everything that was started is put away. */
  readonly signal?: AbortSignal;
  /** Hears of everything as it happens; nothing is ever printed. */
  readonly onEvent?: EventSink;
}

export interface LibrarySession {
  readonly context: SessionContext;
  /** Closes the record. */
  finish(verdict: Verdict): void;
  /** Removes the record: nothing was run. */
  discard(): void;
}

/** The record of a run that a program asks for, in `.devbox/runs` like any other. */
export function openLibrarySession(
  useCase: 'run' | 'exec',
  request: GuestRequest,
  { signal, onEvent }: LibraryOptions,
): LibrarySession {
  const controller = new AbortController();
  const info = runInfo(useCase, request);
  const record = createRunRecord({
    ...{ runsDir: runsDir(request.cwd), info },
    onFailure: (failure) => controller.abort(failure),
  });
  const bus = createEventBus([record.sink, ...(onEvent ? [onEvent] : [])]);
  const { runId, startedAt, versions, command } = info;
  bus.emit({
    ...{ type: 'run-started', schema: EVENT_SCHEMA_VERSION, runId, startedAt, command },
    devbox: versions.devbox,
  });
  return {
    context: {
      ...{ bus, runId, runDir: record.dir, terminal: noTerminal() },
      signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
    },
    finish: (verdict) => {
      const exitCode = VERDICT_EXIT_CODES[verdict.kind];
      bus.emit({ type: 'verdict', verdict });
      bus.emit({ type: 'run-finished', exitCode, record: record.dir });
      const { process: _process, useCase: _useCase, cwd: _cwd, ...rest } = info;
      record.finish({
        ...{ ...rest, verdict, exitCode, finishedAt: new Date().toISOString(), durationMs: bus.now() },
      });
    },
    discard: record.discard,
  };
}

function runInfo(useCase: 'run' | 'exec', request: GuestRequest): RunRequestInfo {
  const now = new Date();
  return {
    ...{
      schema: RECORD_SCHEMA_VERSION,
      runId: newRunId(now),
      startedAt: now.toISOString(),
      useCase,
      request,
    },
    ...{ command: [], cwd: request.cwd },
    versions: { devbox: devboxVersion(), node: process.versions.node },
    process: processIdentity(process.pid) ?? { pid: process.pid, startTime: '0' },
  };
}

/** A program has a terminal of its own, which is none of ours. */
function noTerminal(): UserTerminal {
  const stdin = new PassThrough();
  stdin.end();
  return {
    ...{ stdin, stdinIsTty: false, stdoutIsTty: false },
    ...{ size: () => undefined, onResize: () => () => {}, setRaw: () => {} },
  };
}
