import type { DevboxEvent, GuestOutput } from '../../core/event.ts';

/** How a `guest-output` event looks on disk: where its bytes lie in `streams/NAME`. */
type StoredOutput = Omit<GuestOutput, 'data'> & {
  /** Bytes from the start of the stream. */
  readonly offset: number;
  readonly length: number;
};

export type StoredEvent = Exclude<DevboxEvent, GuestOutput> | StoredOutput;

/** The files in `streams/`. */
export type StreamFile = 'agent-stdout' | 'agent-stderr' | 'workload-stdout' | 'workload-stderr';

export function streamFile(event: Pick<GuestOutput, 'stream' | 'fd'>): StreamFile {
  if (event.stream === 'workload') return event.fd === 1 ? 'workload-stdout' : 'workload-stderr';
  return event.stream;
}

/** Turns events into what is stored, counting each stream's bytes. One per run. */
export function createEventEncoder(): (event: DevboxEvent) => StoredEvent {
  const written = new Map<StreamFile, number>();
  return (event) => {
    if (event.type !== 'guest-output') return event;
    const { data, ...rest } = event;
    const file = streamFile(event);
    const offset = written.get(file) ?? 0;
    written.set(file, offset + data.length);
    return { ...rest, offset, length: data.length };
  };
}
