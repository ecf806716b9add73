import type { Emit } from '../../core/event.ts';
import { createEventBus, type EventSink } from '../../core/event-bus.ts';

/** What work that is no run may be given. */
export interface WorkContext {
  /** Stops it; what it has begun is put away. */
  readonly signal?: AbortSignal;
  /** Hears of its stages as they go; nothing is ever printed. */
  readonly onEvent?: EventSink;
}

/** Does work that tells how it goes; over when everything that was told has been heard. */
export async function withWork<T>(
  { signal = new AbortController().signal, onEvent }: WorkContext,
  work: (around: { readonly emit: Emit; readonly signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const bus = createEventBus(onEvent ? [onEvent] : []);
  try {
    return await work({ emit: bus.emit, signal });
  } finally {
    await bus.drain();
  }
}
