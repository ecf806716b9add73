import type { Failure } from '../../core/failure.ts';
import type { GuestHello } from './guest-hello.ts';
import type { ExecOptions, GuestProcess, HeldProcess } from './guest-process.ts';
import type { GuestString } from './payload.ts';

export type { GuestHello } from './guest-hello.ts';

export interface Waiting {
  readonly signal?: AbortSignal;
}

export interface MountOptions {
  readonly source: GuestString;
  /** Made when missing. */
  readonly target: GuestString;
  readonly fstype: string;
  readonly options?: string;
  readonly readOnly?: boolean;
}

/** What PID 1 wants to be known: a module that did not load, a file system the kernel lacks. */
export interface GuestNote {
  readonly level: 'warning' | 'info';
  readonly message: string;
}

/** How a guest is, told without a fork or a look at a file. */
export interface GuestVitals {
  readonly memoryKiB: number;
  /** What files in memory and shared memory take of it: what is written in a guest lies there. */
  readonly filesKiB: number;
  /** Whether the kernel's log has grown since the last time, marks of `flushConsole` aside; true the first time. */
  readonly hasPrinted: boolean;
}

/**
 * The connection to PID 1. Whatever waits on it rejects with the first cause when it ends: `Failure` guest/guest-protocol
 * when the guest broke a rule, guest/guest-disconnected when it went away, or what the signal was aborted with.
 */
export interface GuestChannel {
  readonly hello: Promise<GuestHello>;
  /**
   * For a guest that is about to be frozen: what a clone has to know of a process with a stdin and a report stream that waits for its stdin, and
   * of whose reports `reportedBytes` have been taken.
   */
  hold(process: GuestProcess, reportedBytes: number): HeldProcess;
  /** The process that was held when the guest was frozen, once: it is the caller's. */
  takeHeld(): GuestProcess | undefined;
  /**
   * Resolves when the program runs. Rejects with `GuestError` (its `errno` says why) when it could not be started. An
   * abort before that kills it; afterwards the process is the caller's.
   */
  exec(options: ExecOptions, waiting?: Waiting): Promise<GuestProcess>;
  mount(options: MountOptions, waiting?: Waiting): Promise<void>;
  /** Nanoseconds since the epoch. */
  syncClock(epochNs: bigint, waiting?: Waiting): Promise<void>;
  /** At most 32,000 bytes; what is longer is cut there. */
  readFile(path: GuestString, waiting?: Waiting): Promise<Uint8Array>;
  /** In one write, at most 32,000 bytes; the file is made or emptied. */
  writeFile(path: GuestString, content: string | Uint8Array, waiting?: Waiting): Promise<void>;
  ping(waiting?: Waiting): Promise<void>;
  vitals(waiting?: Waiting): Promise<GuestVitals>;
  /** Resolves when everything has been killed, synced and unmounted; the machine then powers off. */
  shutdown(waiting?: Waiting): Promise<void>;
  /** Uevents of the subsystem sched_ext, as their KEY=value pairs. Returns what ends the subscription. */
  onUevent(listener: (event: ReadonlyMap<string, string>) => void): () => void;
  /** Notes that came before the first listener are kept for it. */
  onNote(listener: (note: GuestNote) => void): () => void;
  /** Resolves when the connection is over: with its cause, or with undefined after a shutdown that was asked for. Never rejects. */
  readonly closed: Promise<Failure | undefined>;
}

/** What a clone is told before it says hello. */
export interface Resume {
  /** Nanoseconds since the epoch. */
  readonly epochNs: bigint;
  /** 32 to 512 bytes that no other clone gets. */
  readonly entropy: Uint8Array;
}

/** The host's side of the disk for output in bulk. */
export interface BulkSource {
  /** A copy of what lies there. */
  read(offset: number, length: number): Buffer;
}

export interface ConnectOptions extends Waiting {
  /** Without it the guest must not use its disk. */
  readonly bulk?: BulkSource;
  /** The guest is a clone that has just been woken up: it waits to be told. */
  readonly resume?: Resume;
  /** What ran in it when it was frozen. */
  readonly held?: HeldProcess;
  /** A connection that goes away is the echo of something: asked for what, before anybody who waits is told. */
  readonly explain?: (echo: Failure) => Promise<Failure>;
}
