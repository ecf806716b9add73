import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DevboxEvent } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import { isSameProcessAlive } from '../process-identity.ts';
import { type StoredEvent, streamFile } from './event-codec.ts';
import { readLines } from './read-lines.ts';
import type { RunRequestInfo, RunResultInfo } from './run-info.ts';

type RunState =
  | { readonly kind: 'finished'; readonly result: RunResultInfo }
  | { readonly kind: 'running' }
  /** It ended without a result: devbox was killed, or the machine went down. */
  | { readonly kind: 'interrupted' };

export interface RunEntry {
  readonly id: string;
  readonly dir: string;
  /** Undefined when the record is too damaged to tell. */
  readonly info: RunRequestInfo | undefined;
  readonly state: RunState;
}

export async function readRunEntry(runsDir: string, id: string): Promise<RunEntry> {
  const dir = join(runsDir, id);
  const info = await readJson<RunRequestInfo>(join(dir, 'request.json'));
  const result = await readJson<RunResultInfo>(join(dir, 'result.json'));
  if (result) return { id, dir, info, state: { kind: 'finished', result } };
  const alive = info?.process !== undefined && isSameProcessAlive(info.process);
  return { id, dir, info, state: { kind: alive ? 'running' : 'interrupted' } };
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return undefined; // Missing, or cut short when devbox was killed.
  }
}

/**
 * The events of a run, in order, with the bytes of its streams. A last line without a newline was being written when
 * devbox was killed, and is left out. Throws `Failure` infrastructure/record-damaged on anything else that is wrong.
 */
export async function* readEvents(dir: string): AsyncGenerator<DevboxEvent> {
  await using streams = openStreams(join(dir, 'streams'));
  let number = 0;
  for await (const line of readLines(join(dir, 'events.ndjson'))) {
    number += 1;
    let stored: StoredEvent;
    try {
      stored = JSON.parse(line) as StoredEvent;
    } catch (cause) {
      throw damaged(dir, `line ${number} of events.ndjson is not JSON`, cause);
    }
    if (stored.type !== 'guest-output') {
      yield stored;
      continue;
    }
    const { offset, length, ...event } = stored;
    if (!isCount(offset, Number.MAX_SAFE_INTEGER) || !isCount(length, MAX_OUTPUT_BYTES)) {
      throw damaged(dir, `line ${number} of events.ndjson points nowhere`);
    }
    const data = await streams.read(streamFile(event), offset, length);
    if (data.length < length)
      throw damaged(dir, `streams/${streamFile(event)} is shorter than the events say`);
    yield { ...event, data };
  }
}

/** Far more than any producer hands on in one piece. */
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;

function isCount(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

function openStreams(dir: string) {
  const handles = new Map<string, Awaited<ReturnType<typeof open>>>();
  return {
    read: async (name: string, offset: number, length: number): Promise<Buffer> => {
      const handle = handles.get(name) ?? (await open(join(dir, name), 'r'));
      handles.set(name, handle);
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await handle.read(buffer, 0, length, offset);
      return buffer.subarray(0, bytesRead);
    },
    [Symbol.asyncDispose]: async () => {
      for (const handle of handles.values()) await handle.close();
    },
  };
}

function damaged(dir: string, what: string, cause?: unknown): Failure {
  return new Failure({
    kind: 'infrastructure',
    code: 'record-damaged',
    message: `The record in ${dir} is damaged: ${what}.`,
    hint: 'What comes before that place is shown; console.log and streams/ can be read by themselves.',
    cause,
  });
}
