import type { Readable } from 'node:stream';
import type { EventBus } from '../core/event-bus.ts';
import type { Verdict } from '../core/verdict.ts';

/** The user's terminal, for `shell` and for feeding `exec`. Output goes through events, never through this. */
export interface UserTerminal {
  /** Standard input. Nothing is read from it until someone listens. */
  readonly stdin: Readable;
  readonly stdinIsTty: boolean;
  readonly stdoutIsTty: boolean;
  /** Undefined when standard output is not a terminal. */
  size(): { rows: number; cols: number } | undefined;
  /** Calls back when the terminal has changed its size; returns how to stop that. */
  onResize(listener: () => void): () => void;
  /** Raw: keys go to the reader one by one and Ctrl-C is a byte, not a signal. Undone when the session ends, too. */
  setRaw(raw: boolean): void;
}

/** What a session gives to the use case it runs. */
export interface SessionContext {
  readonly bus: EventBus;
  /** Aborted by a signal, a closed terminal or a full disk; its reason is a `Failure`. */
  readonly signal: AbortSignal;
  readonly runId: string;
  /** The run's record, absolute: extra evidence files (a hang record, a verifier log) may be put there. */
  readonly runDir: string;
  readonly terminal: UserTerminal;
}

/**
 * Runs to exactly one verdict. The session emits the `verdict` and `run-finished` events from what is returned. A thrown
 * `Failure` of kind usage or host means that nothing was run: it is printed, and the record is removed. Any other
 * `Failure` becomes a verdict; anything else thrown is a bug.
 */
export type UseCase<Request> = (request: Request, context: SessionContext) => Promise<Verdict>;
