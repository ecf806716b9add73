import { Failure } from '../../core/failure.ts';
import { formatDuration } from '../../core/units.ts';
import type { Guest } from './start-guest.ts';

/** Stops the run `ms` after power-on. A guest that no longer answers by then is the heartbeat's to declare hung. */
export function startTimeout(guest: Guest, ms: number | undefined, now: number): Disposable {
  if (ms === undefined) return { [Symbol.dispose]: () => {} };
  const timer = setTimeout(
    () => {
      guest.cause.stop(
        new Failure({
          kind: 'guest',
          code: 'workload-timeout',
          message: `The run was not over after ${formatDuration(ms)}; the guest still answered.`,
          hint: 'Give it longer with --timeout; the streams in the record show how far it came.',
        }),
      );
    },
    Math.max(0, ms - (now - guest.poweredOnAt)),
  );
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
