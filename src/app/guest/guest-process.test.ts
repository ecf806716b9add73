import { getHeapSpaceStatistics } from 'node:v8';
import { expect, it } from 'vitest';
import type { DevboxEvent } from '../../core/event.ts';
import { createEventBus } from '../../core/event-bus.ts';
import type { GuestProcess } from '../../vm/channel/guest-process.ts';
import { pumpProcess } from './guest-process.ts';

/** What is made of a process that writes these chunks to its report descriptor and ends. */
async function pump(chunks: readonly string[]): Promise<DevboxEvent[]> {
  const events: DevboxEvent[] = [];
  const bus = createEventBus([(event) => void events.push(event)]);
  const process = {
    ...{ stdout: streamOf([]), stderr: streamOf([]), report: streamOf(chunks) },
    exited: Promise.resolve({ code: 0, userUs: 0, systemUs: 0 }),
  } as unknown as GuestProcess;
  await pumpProcess({ process, bus, from: 'workload' }).done;
  return events;
}

async function* streamOf(chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

it('takes JSON objects as reports, and says once that a line is none', async () => {
  const events = await pump(['{"a":1}\n \t{"b":{}} \r\n[1]\nnull\n', '"{}"\n7\n{"c"\n\n{}}\n{', '"d":[2]}']);
  expect(events).toMatchObject([
    { type: 'report', from: 'workload', report: { a: 1 } },
    { type: 'report', report: { b: {} } },
    { type: 'notice', level: 'warning', message: expect.stringContaining('not a JSON object: "[1]"') },
    { type: 'report', report: { d: [2] } },
  ]);
});

it('leaves nothing behind of lines that cannot be reports', async () => {
  const chunks = Array<string>(100).fill('no report at all\n'.repeat(1000));
  await pump(chunks.slice(0, 10));
  const before = oldGeneration();
  await pump(chunks);
  expect(oldGeneration() - before).toBeLessThan(4e6);
});

function oldGeneration(): number {
  const spaces = getHeapSpaceStatistics().filter(({ space_name }) => /^(old|large_object)_/.test(space_name));
  return spaces.reduce((sum, { space_used_size }) => sum + space_used_size, 0);
}
