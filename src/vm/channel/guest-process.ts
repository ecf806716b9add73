import type { GuestOutputStream } from './output-stream.ts';
import type { GuestString } from './payload.ts';

export interface TerminalSize {
  readonly rows: number;
  readonly cols: number;
}

export interface ExecOptions {
  /** The program, looked for along PATH of `env` when it has no slash, and its arguments. */
  readonly argv: readonly string[];
  /** Default: `/`. */
  readonly cwd?: GuestString;
  /** PATH, HOME, TERM, LANG and USER have defaults in the guest; there is nothing else. */
  readonly env?: Readonly<Record<string, string>>;
  /** A terminal of this size: stdout carries all output, stdin is open. */
  readonly tty?: TerminalSize;
  /** stdin is a pipe for `write`; otherwise it is /dev/null. */
  readonly stdin?: boolean;
  /** Descriptor 3 is a pipe for structured reports, and DEVBOX_REPORT_FD says so. */
  readonly report?: boolean;
  /** Whatever the process leaves running goes on; otherwise it is killed when the process ends. */
  readonly keepLeftovers?: boolean;
  /** How much of each stream may wait here for its reader, bytes. Default 4 MiB. */
  readonly windowBytes?: number;
}

export interface GuestExit {
  /** Undefined when a signal ended it. */
  readonly code?: number;
  /** `SIGKILL`, `SIGSEGV`… */
  readonly signal?: string;
  /** CPU time of the process and of the children it waited for, microseconds. */
  readonly userUs: number;
  readonly systemUs: number;
}

/** A process in the guest. When the connection ends, everything that waits rejects with its cause. */
export interface GuestProcess {
  /** In the guest. */
  readonly pid: number;
  /** The process stops writing when a stream's window is full: read all three, or discard() what does not matter. */
  readonly stdout: GuestOutputStream;
  /** At its end from the start when there is a terminal. */
  readonly stderr: GuestOutputStream;
  /** At its end from the start without `report`. */
  readonly report: GuestOutputStream;
  /** The process ended; output may still follow. */
  readonly exited: Promise<GuestExit>;
  /** The process ended and every stream is at its end. */
  readonly closed: Promise<void>;
  /**
   * Resolves when the guest has been sent all of it. Rejects with `Failure` guest/guest-stdin-closed when the process
   * takes no more; what was sent before an abort stays sent.
   */
  write(bytes: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** End of input, behind all that was written. Without effect on a terminal, where it is a character. */
  endStdin(): Promise<void>;
  /** To its process group; after it has ended, to what it left running. */
  signal(signal: NodeJS.Signals | number): Promise<void>;
  resize(rows: number, cols: number): Promise<void>;
}

/** A process that ran when its guest was frozen, and runs in every clone: what a new connection has to know of it. */
export interface HeldProcess {
  /** Of its exec. */
  readonly id: number;
  readonly pid: number;
  /** It has a stdin and a report stream. Of those that it was granted, what it may still send is less by so much. */
  readonly reportedBytes: number;
  /** What the guest takes of its stdin. */
  readonly stdinCredit: number;
}
