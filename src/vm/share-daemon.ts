import { rmSync } from 'node:fs';
import type { ProcessExit } from '../core/event.ts';
import { Failure } from '../core/failure.ts';
import { startChild } from '../platform/child.ts';
import type { Lease } from '../platform/lease.ts';
import { untilIdle } from '../platform/until-idle.ts';
import { awaitFile } from './await-file.ts';
import { lastWords } from './last-words.ts';

/** A daemon that serves one share; it listens on `socket`, which lies in the lease's directory. */
export interface ShareDaemon {
  readonly argv: readonly string[];
  readonly socket: string;
}

export interface RunningShareDaemon {
  /** Resolves when it has ended, with what to say about that. */
  readonly ended: Promise<Failure>;
  /** Resolves when it has taken all that QEMU has sent it. */
  ready(): Promise<void>;
}

export interface ShareDaemonOptions {
  readonly lease: Lease;
  readonly signal: AbortSignal;
  /** Ends the daemon. */
  readonly stack: AsyncDisposableStack;
}

const READY_MS = 500;

/** Starts a daemon and waits until it listens. */
export async function startShareDaemon(
  daemon: ShareDaemon,
  { lease, signal, stack }: ShareDaemonOptions,
): Promise<RunningShareDaemon> {
  rmSync(daemon.socket, { force: true }); // Of one that served a machine before this one.
  const child = stack.use(await startChild({ argv: daemon.argv, guarded: true }));
  lease.addChild(child.pid);
  child.stdout?.resume();
  const words = lastWords(child);
  const ended = child.exited.then((exit) => shareDaemonFailure(exit, words()));
  const stop = new AbortController();
  try {
    const listening = awaitFile(daemon.socket, AbortSignal.any([signal, stop.signal]));
    await Promise.race([listening, ended.then((failure) => Promise.reject(failure))]);
  } finally {
    stop.abort();
  }
  return { ended, ready: () => untilIdle(child.pid, READY_MS) };
}

function shareDaemonFailure(exit: ProcessExit, words: readonly string[]): Failure {
  return new Failure({
    kind: 'infrastructure',
    code: 'share-daemon-failed',
    message: `The file-sharing daemon ended (${exit.signal ?? `exit code ${exit.code}`})${words.length > 0 ? `: ${words.at(-1)}` : '.'}`,
    evidence: words,
    hint: 'Run `devbox doctor`, or share nothing with --no-share.',
  });
}
