import type { Failure } from '../../core/failure.ts';
import { type Daemon, daemonLost } from './daemon.ts';

export interface DaemonWatch extends Disposable {
  /** Never resolves; rejects with `Failure` infrastructure/docker-lost when the daemon has stopped answering. */
  readonly lost: Promise<never>;
}

export interface WatchOptions {
  /** What goes on meanwhile, for the error: `run a build`. */
  readonly what: string;
  /** Between an answer and the next question, milliseconds. */
  readonly pauseMs?: number;
  /** How long one answer may take, milliseconds. */
  readonly patienceMs?: number;
}

const PAUSE_MS = 3000;
const PATIENCE_MS = 15_000;

/**
 * Asks a daemon for a sign of life, again and again, while a long answer is waited for: a socket whose daemon is stuck
 * stays open for ever. Time during which this process itself was held up is not held against the daemon.
 */
export function watchDaemon(
  daemon: Daemon,
  { what, pauseMs = PAUSE_MS, patienceMs = PATIENCE_MS }: WatchOptions,
): DaemonWatch {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const { promise: lost, reject } = Promise.withResolvers<never>();
  lost.catch(() => {}); // Nobody may be waiting any more.
  const giveUp = (why: string) => {
    if (isOver) return;
    isOver = true;
    reject(daemonLost(daemon.endpoint, what, why) satisfies Failure);
    // What is still asked would keep devbox from ending.
    daemon[Symbol.dispose]();
  };
  const ask = () => {
    if (isOver) return;
    let overdue = 0;
    // In two halves: should this process be held up through the first, the second gives the answer time to be read.
    timer = setInterval(() => {
      overdue += 1;
      if (overdue < 2) return;
      clearInterval(timer);
      giveUp(`no sign of life for ${patienceMs / 1000} s`);
    }, patienceMs / 2);
    daemon.client.ping().then(
      () => {
        clearInterval(timer);
        if (!isOver) timer = setTimeout(ask, pauseMs);
      },
      (error: Error) => {
        clearInterval(timer);
        giveUp(error.message);
      },
    );
  };
  timer = setTimeout(ask, pauseMs);
  return {
    lost,
    [Symbol.dispose]: () => {
      isOver = true;
      clearTimeout(timer);
    },
  };
}
