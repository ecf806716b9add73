import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { type GarbageStats, tuneHeap } from './garbage.ts';

const MODULE = new URL('./garbage.ts', import.meta.url).href;

/** What a thread says of itself that makes so many MB of garbage before it settles, and so many afterwards. */
async function statsOf({ before, after }: { before: number; after: number }): Promise<GarbageStats> {
  tuneHeap();
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
    const kept = new Array(16);
    const make = (mb) => { for (let at = 0; at < mb * 1024; at += 1) kept[at % 16] = new Array(128).fill(at); };
    (async () => {
      const { watchGarbage } = await import(${JSON.stringify(MODULE)});
      const watch = watchGarbage();
      make(${before});
      watch.settle();
      make(${after});
      for (let second = 0; second < 3; second += 1) watch.look();
      parentPort.postMessage(await watch.stats());
    })();`,
    { eval: true },
  );
  const [stats] = await once(worker, 'message');
  await worker.terminate();
  return stats as GarbageStats;
}

test('collections before the thread settled do not count, nor does that for settling', async () => {
  expect(await statsOf({ before: 100, after: 0 })).toMatchObject({ collections: 0, longestMs: 0 });
});

test('a thread that makes little is not interrupted', async () => {
  expect((await statsOf({ before: 0, after: 4 })).collections).toBe(0);
});

test('counts later collections, and how long they took', async () => {
  const { collections, longestMs, totalMs, heapBytes } = await statsOf({ before: 0, after: 100 });
  expect(collections).toBeGreaterThan(0);
  expect(longestMs).toBeGreaterThan(0);
  expect(totalMs).toBeGreaterThanOrEqual(longestMs);
  expect(heapBytes?.last).toBeGreaterThan(0);
});
