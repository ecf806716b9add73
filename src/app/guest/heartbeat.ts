import { Failure } from '../../core/failure.ts';
import type { GuestChannel } from '../../vm/channel/guest-channel.ts';

export interface HeartbeatOptions {
  readonly channel: Pick<GuestChannel, 'ping'>;
  /** How long one answer may take, milliseconds. */
  readonly patienceMs: number;
  readonly onHang: (failure: Failure) => void;
}

/** Between an answer and the next question. */
const PAUSE_MS = 1000;

/**
 * Asks PID 1 for a sign of life, again and again. PID 1 is a real-time process: only a guest that is really stuck does
 * not answer. Time during which this process itself was held up is not held against the guest.
 */
export function startHeartbeat({ channel, patienceMs, onHang }: HeartbeatOptions): Disposable {
  const stop = new AbortController();
  const beat = async () => {
    while (!stop.signal.aborted) {
      if (!(await answersWithin(channel, patienceMs, stop.signal))) {
        onHang(
          new Failure({
            kind: 'guest',
            code: 'guest-hang',
            message: `The guest stopped answering: PID 1, a real-time process, gave no sign of life for ${Math.round(patienceMs / 1000)} s.`,
            hint: 'The hang record shows where each vCPU was; the console has the SysRq dumps.',
          }),
        );
        return;
      }
      await pause(PAUSE_MS, stop.signal);
    }
  };
  void beat().catch(() => {}); // The channel went away: the machine's death says why.
  return { [Symbol.dispose]: () => stop.abort() };
}

/** In two halves: should this process be held up through the first timer, the second gives the answer time to be read. */
async function answersWithin(
  channel: Pick<GuestChannel, 'ping'>,
  ms: number,
  stop: AbortSignal,
): Promise<boolean> {
  const answered = channel.ping({ signal: stop }).then(
    () => true,
    (error: unknown) => {
      if (stop.aborted) return true;
      throw error;
    },
  );
  for (const half of [ms / 2, ms / 2]) {
    const timer = new AbortController();
    try {
      if (await Promise.race([answered, pause(half, timer.signal).then(() => false)])) return true;
    } finally {
      timer.abort();
    }
  }
  return false;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
