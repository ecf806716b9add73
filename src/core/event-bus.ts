import type { DevboxEvent, Emit, UntimedEvent } from './event.ts';

/** A consumer of events. Returns a promise when it wants producers of bulk output to wait for it. */
export type EventSink = (event: DevboxEvent) => void | Promise<void>;

export interface EventBus {
  /** After `run-finished` nothing more is handed on: what still comes in has no run to belong to. */
  readonly emit: Emit;
  /** Resolves when every sink has taken all it was given: producers of bulk output await this before they read on. */
  drain(): Promise<void>;
  /** Milliseconds since the run started. */
  now(): number;
  /** Adds a consumer; it sees every event from now on. */
  subscribe(sink: EventSink): void;
}

/** Stamps events with one monotonic clock and hands them to every sink in order. */
export function createEventBus(
  initial: readonly EventSink[],
  clock: () => number = () => performance.now(),
): EventBus {
  const sinks = [...initial];
  const origin = clock();
  const now = () => Math.round((clock() - origin) * 1000) / 1000;
  let pending: Promise<unknown>[] = [];
  let failure: { error: unknown } | undefined;
  let over = false;

  const emit = (event: UntimedEvent) => {
    if (over) return;
    over = event.type === 'run-finished';
    const timed = { t: now(), ...event } as DevboxEvent;
    for (const sink of sinks) {
      const waiting = sink(timed);
      if (waiting) {
        pending.push(
          waiting.catch((error: unknown) => {
            failure ??= { error };
          }),
        );
      }
    }
  };

  const drain = async () => {
    while (pending.length > 0) {
      const waiting = pending;
      pending = [];
      await Promise.all(waiting);
    }
    if (failure) throw failure.error;
  };

  return { emit, drain, now, subscribe: (sink) => void sinks.push(sink) };
}
