import { join } from 'node:path';
import type { DevboxEvent } from '../../core/event.ts';
import { AppendFile } from './append-file.ts';
import { createEventEncoder, type StreamFile, streamFile } from './event-codec.ts';

export interface EventFiles {
  /** Throws what a write threw. */
  append(event: DevboxEvent): void;
  close(): void;
}

/** events.ndjson, console.log and streams/ in a directory that is there; streams/ must be, too. */
export function createEventFiles(dir: string): EventFiles {
  const encode = createEventEncoder();
  const events = new AppendFile(join(dir, 'events.ndjson'));
  const consoleLog = new AppendFile(join(dir, 'console.log'));
  const streams = new Map<StreamFile, AppendFile>();
  const streamOf = (name: StreamFile) => {
    const file = streams.get(name) ?? new AppendFile(join(dir, 'streams', name));
    streams.set(name, file);
    return file;
  };
  return {
    append: (event) => {
      // Bytes before the event that points at them: a reader of a record cut short never misses any.
      if (event.type === 'guest-output') streamOf(streamFile(event)).append(event.data);
      if (event.type === 'console-line') consoleLog.append(Buffer.from(`${event.text}\n`));
      events.append(Buffer.from(`${JSON.stringify(encode(event))}\n`));
    },
    close: () => {
      for (const file of [...streams.values(), consoleLog, events]) file.close();
    },
  };
}
