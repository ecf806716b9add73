import type { EventSink } from '../../core/event-bus.ts';

/** Shows a run. Knows nothing but its events, so that a record can be shown just as the run was. */
export interface Renderer {
  readonly sink: EventSink;
  /** After the last event: shows what was held back. For a run that was cut short, too. */
  finish(): Promise<void>;
}
