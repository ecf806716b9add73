import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HeapGrowth } from './heap-growth.ts';

/** What is known of a thread's garbage since it was collected on purpose, before it scheduled. */
export interface GarbageStats {
  readonly collections: number;
  readonly longestMs: number;
  readonly totalMs: number;
  /** Of the heap; left out of a run that was too short. */
  readonly heapBytes?: {
    /** After its first second, and in the end. */
    readonly first: number;
    readonly last: number;
    /** Median of its growth in a second. */
    readonly perSecond: number;
  };
}

export interface GarbageWatch {
  /** Collects all garbage; what is counted is counted from here on. */
  settle(): void;
  /** To be called once a second. */
  look(): void;
  stats(): Promise<GarbageStats>;
}

/** MiB, each of two. */
const SEMI_SPACE = 8;

/**
 * To be called before the thread is made that watches its garbage: gives new objects room enough that a policy that makes few is
 * not interrupted for minutes (V8's own start is 1 MiB).
 */
export function tuneHeap(): void {
  setFlagsFromString(`--min-semi-space-size=${SEMI_SPACE}`);
}

/**
 * Collects all garbage of the calling thread. V8 shows its collector only to a context that is made while a flag says so. The flag is there for that long only: with flags that differ from
 * those that Node was built with V8 compiles Node's own modules anew, which makes a thread start in twice the time.
 */
export function collectAll(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collect();
}

/** Counts the collections of the calling thread. */
export function watchGarbage(): GarbageWatch {
  let since = 0;
  let collections = 0;
  let longestMs = 0;
  let totalMs = 0;
  const heap = new HeapGrowth();
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      if (startTime < since) continue;
      collections += 1;
      totalMs += duration;
      longestMs = Math.max(longestMs, duration);
    }
  }).observe({ entryTypes: ['gc'] });
  return {
    settle() {
      collectAll();
      since = performance.now();
    },
    look: () => heap.look(getHeapStatistics().used_heap_size),
    async stats() {
      // Word of a collection takes two turns of the event loop.
      await nextTurn();
      await nextTurn();
      const { first, last } = heap;
      const perSecond = heap.perSecond();
      const known = Number.isFinite(perSecond) && { heapBytes: { first, last, perSecond } };
      return { collections, longestMs, totalMs, ...known };
    },
  };
}
