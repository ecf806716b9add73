import type { GuestChannel } from '../../vm/channel/guest-channel.ts';
import { GuestError } from '../../vm/channel/guest-failure.ts';
import { rejectOnAbort } from '../guest/reject-on-abort.ts';

const DIR = '/sys/kernel/sched_ext';
const MAX_EVENTS = 100;

/** What the kernel says of its extensible scheduling class. */
export interface SchedExtState {
  /** `enabled`, `disabled`, `enabling`, `disabling`; undefined when the kernel has no sched_ext. */
  readonly state?: string;
  /** Name of the loaded scheduler. */
  readonly ops?: string;
}

type Reader = Pick<GuestChannel, 'readFile' | 'onUevent'>;

export async function readSchedExtState(channel: Reader, signal: AbortSignal): Promise<SchedExtState> {
  const state = await readText(channel, `${DIR}/state`, signal);
  const ops = await readText(channel, `${DIR}/root/ops`, signal);
  return { ...(state === undefined ? {} : { state }), ...(ops === undefined || ops === '' ? {} : { ops }) };
}

/** Whether the loaded scheduler has only the tasks that asked for it (SCX_OPS_SWITCH_PARTIAL). */
export async function hasChosenTasksOnly(channel: Reader, signal: AbortSignal): Promise<boolean> {
  return (await readText(channel, `${DIR}/switch_all`, signal)) === '0';
}

/** Counters of events such as fall-backs and bypasses, by name; undefined on kernels that do not count them. */
export async function readSchedExtEvents(
  channel: Reader,
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>> | undefined> {
  const text = await readText(channel, `${DIR}/root/events`, signal);
  if (text === undefined) return undefined;
  const counts = text.split('\n').flatMap((line) => {
    const [name, count] = line.trim().split(/\s+/);
    return name !== undefined && count !== undefined ? [[name, Number(count)] as const] : [];
  });
  return Object.fromEntries(counts.slice(0, MAX_EVENTS));
}

export async function fileExists(channel: Reader, path: string, signal: AbortSignal): Promise<boolean> {
  return (await readText(channel, path, signal)) !== undefined;
}

/**
 * The content of a small file of the guest, trimmed; undefined when it is not there or the guest cannot read it. Rejects when
 * the guest no longer answers: that says nothing of its files.
 */
export async function readText(
  channel: Reader,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const answer = await channel.readFile(path, { signal }).catch((error: unknown) => {
    if (signal.aborted || !(error instanceof GuestError)) throw error;
    return undefined; // Not there, or not readable: the same to us.
  });
  return answer === undefined ? undefined : Buffer.from(answer).toString('utf8').trim();
}

export interface StateWaiter extends Disposable {
  /** Look again: something happened that may have changed the state. */
  nudge(): void;
  readonly reached: Promise<SchedExtState>;
}

/** Waits for a state the kernel announces by a uevent: looks once now, and once for every announcement. */
export function awaitSchedExtState(
  channel: Reader,
  matches: (state: SchedExtState) => boolean,
  signal: AbortSignal,
): StateWaiter {
  const { promise, resolve, reject } = Promise.withResolvers<SchedExtState>();
  promise.catch(() => {});
  let looking = false;
  let again = false;
  const look = async () => {
    again = true;
    if (looking) return;
    looking = true;
    try {
      while (again) {
        again = false;
        const state = await readSchedExtState(channel, signal);
        if (matches(state)) resolve(state);
      }
    } catch (error) {
      reject(error);
    } finally {
      looking = false;
    }
  };
  const unsubscribe = channel.onUevent(() => void look());
  void look();
  return { nudge: () => void look(), reached: promise, [Symbol.dispose]: unsubscribe };
}

/** The name of a scheduler that is still loaded after `patienceMs`, though its agent has gone; undefined when none is. */
export async function untilSchedulerUnloaded(
  channel: Reader,
  signal: AbortSignal,
  patienceMs: number,
): Promise<string | undefined> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  using unloaded = awaitSchedExtState(
    channel,
    ({ state }) => state === 'disabled' || state === undefined,
    patience,
  );
  try {
    await Promise.race([unloaded.reached, rejectOnAbort(patience)]);
    return undefined;
  } catch {
    if (signal.aborted) throw signal.reason;
    const { state, ops } = await readSchedExtState(channel, signal);
    return state === 'disabled' ? undefined : (ops ?? state);
  }
}
