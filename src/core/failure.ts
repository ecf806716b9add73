/**
 * What a user sees when something they can cause, or meet, goes wrong: what happened, with which value, what to do
 * next and where the evidence lies. Anything else that is thrown is a bug of devbox.
 */
export type FailureKind =
  /** The command line or a configuration asks for something that does not exist or is out of range. Exit code 64. */
  | 'usage'
  /** The host lacks something that `devbox setup` or the user can provide. Exit code 69. */
  | 'host'
  /** Building or fetching an artifact failed. */
  | 'build'
  /** The guest never became ready. */
  | 'boot'
  /** The guest broke the protocol, died or stopped answering after it was ready. */
  | 'guest'
  /** The agent, or what was asked of it, failed. */
  | 'agent'
  /** Ctrl-C, a closed terminal, or an aborted signal. */
  | 'cancelled'
  /** The host failed underneath us: disk full, a helper process died. */
  | 'infrastructure';

export interface FailureOptions {
  readonly kind: FailureKind;
  /** Stable, kebab-case, for programs: `no-such-kernel`, `qemu-missing`. */
  readonly code: string;
  /** One sentence: what happened, with the value that caused it. */
  readonly message: string;
  /** What to do next: a sentence or a command. */
  readonly hint?: string;
  /** Lines of evidence, shown below the message (already bounded by whoever made them). */
  readonly evidence?: readonly string[];
  /** A file that holds the rest: a whole log, a partial result. */
  readonly log?: string;
  readonly cause?: unknown;
}

export class Failure extends Error {
  readonly kind: FailureKind;
  readonly code: string;
  readonly hint: string | undefined;
  readonly evidence: readonly string[];
  readonly log: string | undefined;

  constructor(options: FailureOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.kind = options.kind;
    this.code = options.code;
    this.hint = options.hint;
    this.evidence = options.evidence ?? [];
    this.log = options.log;
  }
}

/** The failure an aborted signal stands for: its own reason when that is one, else `cancelled`. */
export function abortFailure(signal: AbortSignal): Failure {
  const reason: unknown = signal.reason;
  if (reason instanceof Failure) return reason;
  return new Failure({ kind: 'cancelled', code: 'cancelled', message: 'Cancelled.', cause: reason });
}
