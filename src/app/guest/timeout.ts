import type { EventBus } from '../../core/event-bus.ts';
import { Failure } from '../../core/failure.ts';
import { formatDuration } from '../../core/units.ts';
import { describeGuestState } from './guest-state.ts';
import type { Guest } from './start-guest.ts';

/** setTimeout counts in 31 bits of milliseconds; what is longer would be over at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Milliseconds. Throws `Failure` usage/bad-timeout for what is no time, or too long. */
export function checkTimeout(ms: number): number {
  if (ms > 0 && ms <= MAX_TIMEOUT_MS) return ms;
  throw new Failure({
    kind: 'usage',
    code: 'bad-timeout',
    message: ms > 0 ? `A timeout of ${formatDuration(ms)} is too long.` : `A timeout of ${ms} ms is none.`,
    hint: 'It may be as long as 24 days.',
  });
}

/** Stops the run `ms` after power-on. A guest that no longer answers by then is the heartbeat's to declare hung. */
export function startTimeout(guest: Guest, ms: number | undefined, bus: EventBus): Disposable {
  if (ms === undefined) return { [Symbol.dispose]: () => {} };
  const tooLate = async () =>
    new Failure({
      kind: 'guest',
      code: 'workload-timeout',
      message: `The run was not over after ${formatDuration(ms)}; the guest still answered.`,
      evidence: await describeGuestState(guest.vm, bus),
      hint: 'Give it longer with --timeout; the streams in the record show how far it came.',
    });
  const rest = Math.max(0, ms - (bus.now() - guest.poweredOnAt));
  const timer = setTimeout(() => guest.cause.stopWith(tooLate()), rest);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
