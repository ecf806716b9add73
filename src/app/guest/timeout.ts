import type { EventBus } from '../../core/event-bus.ts';
import { Failure } from '../../core/failure.ts';
import { formatDuration } from '../../core/units.ts';
import { describeGuestState } from './guest-state.ts';
import type { Guest } from './start-guest.ts';

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
