import { PassThrough } from 'node:stream';
import type { EventSink } from '../../core/event-bus.ts';
import type { Verdict } from '../../core/verdict.ts';
import { type Conclusion, type OpenRun, openSession, type SessionOptions } from '../session/session.ts';
import { ensureHost } from '../setup/ensure-host.ts';
import type { SessionContext, UseCase, UserTerminal } from '../use-case.ts';

/** What every run of the library may be given. */
export interface RunContext {
  /** Stops what goes on; everything that was started is put away. */
  readonly signal?: AbortSignal;
  /** Hears of everything as it happens; nothing is ever printed. What it awaits holds up those who print much. */
  readonly onEvent?: EventSink;
  /** What somebody typed to bring this about, for the record. */
  readonly command?: readonly string[];
  /**
   * Installs first what the machine lacks (Debian, Ubuntu): when `ask` says yes (sudo may have a question of its own, on the
   * terminal), or without it where that takes no password.
   * Default: what is missing is a `Failure`.
   */
  readonly setUp?: { readonly ask?: (question: string) => Promise<boolean> };
  /** Given the run as soon as it has a record. */
  readonly onOpen?: (run: OpenRun) => void;
}

/** What every run comes to. */
export interface Outcome extends Conclusion {
  /** The directory of the run's record. */
  readonly record: string;
}

export interface Performance<Request> {
  readonly useCase: SessionOptions['useCase'];
  readonly request: Request;
  /** Where the record goes: `.devbox/runs` here. Absolute. */
  readonly cwd: string;
  /** Default: none. */
  readonly terminal?: UserTerminal;
}

/** Performs a use case to its end, in a session of its own. Rejects with a `Failure` only when nothing was run. */
export async function perform<Request>(
  { useCase, request, cwd, terminal = noTerminal() }: Performance<Request>,
  work: UseCase<Request>,
  options: RunContext,
): Promise<Outcome> {
  const session = openSession({
    ...{ useCase, request, cwd, terminal },
    command: options.command ?? [],
    signal: options.signal ?? new AbortController().signal,
    sinks: options.onEvent ? [options.onEvent] : [],
  });
  options.onOpen?.(session);
  const { context, record } = session;
  const conclusion = await session.conclude(async (): Promise<Verdict> => {
    if (options.setUp) await setUpHost(options.setUp, context);
    return work(request, context);
  });
  return { ...conclusion, record };
}

async function setUpHost(
  { ask }: NonNullable<RunContext['setUp']>,
  { bus, signal }: SessionContext,
): Promise<void> {
  await ensureHost({ emit: bus.emit, now: bus.now, signal, ...(ask && { ask }) });
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
