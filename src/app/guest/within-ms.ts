import { rejectOnAbort } from './reject-on-abort.ts';

/** Whether something comes to its end within `ms`. Rejects with what it rejects with, or the signal's cause. */
export async function withinMs(done: Promise<unknown>, ms: number, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, ms, false);
  try {
    return await Promise.race([done.then(() => true), promise, rejectOnAbort(signal)]);
  } finally {
    clearTimeout(timer);
  }
}
