import { PassThrough } from 'node:stream';
import type { EventSink } from '../../core/event-bus.ts';
import { VERDICT_EXIT_CODES, type Verdict } from '../../core/verdict.ts';
import type { GuestRequest } from '../request.ts';
import { openSession, type Session, type SessionOptions } from '../session/session.ts';
import type { UseCase, UserTerminal } from '../use-case.ts';

/** What every call of the library may be given. */
export interface LibraryOptions {
  /** Stops what goes on; everything that was started is put away. */
  readonly signal?: AbortSignal;
  /** Hears of everything as it happens; nothing is ever printed. */
  readonly onEvent?: EventSink;
}

/** The session of a run that a program asks for: recorded in `.devbox/runs` like any other. */
export function openLibrarySession(
  useCase: SessionOptions['useCase'],
  request: GuestRequest,
  { signal, onEvent }: LibraryOptions,
): Session {
  return openSession({
    ...{ useCase, request, command: [], cwd: request.cwd, terminal: noTerminal() },
    signal: signal ?? new AbortController().signal,
    sinks: onEvent ? [onEvent] : [],
  });
}

/** Performs a use case to its end. Rejects with a `Failure` only when nothing was run. */
export async function performInLibrary<Request extends GuestRequest>(
  session: Session,
  request: Request,
  perform: UseCase<Request>,
): Promise<Verdict> {
  const verdict = await session.conclude(() => perform(request, session.context));
  session.end(verdict, VERDICT_EXIT_CODES[verdict.kind]);
  return verdict;
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
