import { abortFailure, Failure } from '../core/failure.ts';
import { bootFailure } from './death.ts';
import type { LaunchedVm } from './launch.ts';

const ECHOES: readonly string[] = ['guest-disconnected', 'qmp-gone'];

export interface ReadyRace<T> {
  readonly vm: LaunchedVm;
  /** Resolves when the machine is ready. */
  readonly up: Promise<T>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** What to say when the time is up. */
  readonly late: Failure;
}

/**
 * Waits until a machine is ready, racing that against its end, the timeout and the signal. Rejects with `Failure` boot/*
 * (evidence: the console's last lines), or with what the signal was aborted with.
 */
export async function raceToReady<T>({ vm, up, signal, timeoutMs, late }: ReadyRace<T>): Promise<T> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(abortFailure(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(reject, timeoutMs, late);
  const died = vm.ended.death.then((failure) => Promise.reject(failure));
  died.catch(() => {});
  up.catch(() => {}); // When the race is lost elsewhere, its rejection is only an echo.
  try {
    return await Promise.race([up.catch(waitForCause), died, stopped]);
  } catch (error) {
    if (signal.aborted) throw abortFailure(signal);
    throw await bootFailure(error, vm);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** A connection that broke is the echo of QEMU's end, which is about to be told. */
function waitForCause(error: unknown): Promise<never> {
  const isEcho = error instanceof Failure && ECHOES.includes(error.code);
  return isEcho ? new Promise(() => {}) : Promise.reject(error);
}
