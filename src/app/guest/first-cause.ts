import { abortFailure, type Failure } from '../../core/failure.ts';

/** The reason a run stops early. The first one given wins; everything later is an echo of it. */
export interface FirstCause {
  readonly signal: AbortSignal;
  readonly failure: Failure | undefined;
  stop(failure: Failure): void;
}

/** Follows `outer` (Ctrl-C, a closed terminal), and adds the causes that come from the run itself. */
export function createFirstCause(outer: AbortSignal): FirstCause {
  const controller = new AbortController();
  let first: Failure | undefined;
  const stop = (failure: Failure) => {
    first ??= failure;
    controller.abort(first);
  };
  if (outer.aborted) stop(abortFailure(outer));
  else outer.addEventListener('abort', () => stop(abortFailure(outer)), { once: true });
  return {
    signal: controller.signal,
    get failure() {
      return first;
    },
    stop,
  };
}
