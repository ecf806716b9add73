import type { UntimedEvent } from '../core/event.ts';
import type { EventBus } from '../core/event-bus.ts';

/** Keeps events back until it is known whether they are part of the run. They keep the time at which they came. */
export interface HeldBus extends EventBus {
  /** Hands on what was kept, and from now on everything at once. */
  release(): void;
}

export function holdBus(bus: EventBus): HeldBus {
  let held: UntimedEvent[] | undefined = [];
  return {
    ...bus,
    emit: (event) => {
      if (held) held.push(Object.assign({ t: bus.now() }, event));
      else bus.emit(event);
    },
    release: () => {
      const kept = held ?? [];
      held = undefined;
      for (const event of kept) bus.emit(event);
    },
  };
}
