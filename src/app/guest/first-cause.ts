import { abortFailure, type Failure } from '../../core/failure.ts';

/** The reason a run stops early. The first one given wins; everything later is an echo of it. */
export interface FirstCause {
  readonly signal: AbortSignal;
  readonly failure: Failure | undefined;
  stop(failure: Failure): void;
  /** The same for a cause that is known, but not yet all that is to be said of it: what comes meanwhile is an echo, too. */
  stopWith(failure: Promise<Failure>): void;
}

/** Follows `outer` (Ctrl-C, a closed terminal), and adds the causes that come from the run itself. */
export function createFirstCause(outer: AbortSignal): FirstCause {
  const controller = new AbortController();
  let first: Failure | undefined;
  let isKnown = false;
  const end = (failure: Failure) => {
    first ??= failure;
    controller.abort(first);
  };
  // Who asks to stop waits for nothing.
  if (outer.aborted) end(abortFailure(outer));
  else outer.addEventListener('abort', () => end(abortFailure(outer)), { once: true });
  return {
    signal: controller.signal,
    get failure() {
      return first;
    },
    stop: (failure) => {
      if (!isKnown) end(failure);
    },
    stopWith: (failure) => {
      if (isKnown) return;
      isKnown = true;
      void failure.then(end);
    },
  };
}
