/**
 * Plays a recording through the runtime and the policy fifo: a process of its own, as in a guest, with one policy in it.
 * replay.ts EVENTS CAPACITY CPUS BATCH WARM-UPS TIMES prints JSON.
 */
import { readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { findPolicy } from '../../src/agents/policies/policies.ts';
import { readParams } from '../../src/agents/policy/params.ts';
import { createPolicyDriver } from '../../src/agents/runtime/policy-driver.ts';
import { DECISION_WORDS, EVENT_WORDS, MASK_WORDS } from '../../src/agents/runtime/relay-records.ts';
import { tuneEngine } from '../../src/agents/runtime/tune-engine.ts';

export interface Replayed {
  readonly decisions: number;
  /** Of all tasks and CPUs decided upon in the timed passes, in order; and in the very first. */
  readonly checksum: number;
  readonly firstChecksum: number;
  /** CPU time. */
  readonly seconds: number;
  /** Growth of the heap over the timed passes, and how often it was collected meanwhile. */
  readonly heapBytes: number;
  readonly collections: number;
}

tuneEngine();
const [file = '', ...numbers] = process.argv.slice(2);
const [capacity = 0, cpus = 0, batch = 0, warmUps = 0, times = 0] = numbers.map(Number);

const bytes = readFileSync(file);
const events = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const batches: Uint32Array[] = [];
for (let at = 0; at < events.length; at += batch * EVENT_WORDS)
  batches.push(events.subarray(at, Math.min(events.length, at + batch * EVENT_WORDS)));

const definition = findPolicy('fifo');
const decisions = new Uint32Array(256 * DECISION_WORDS);
/** Decided, checksum: in an array, for a number that grows becomes an object. */
const made = new Int32Array(2);
const driver = createPolicyDriver({
  definition,
  params: readParams('policy fifo', definition.params ?? {}, []),
  backend: {
    ...{ capacity, cpuCount: cpus, decisions },
    masks: new Uint32Array(capacity * MASK_WORDS).fill(0xffffffff),
    topology: { core: new Int32Array(cpus), cache: new Int32Array(cpus), node: new Int32Array(cpus) },
    hints: { deadline: () => Number.POSITIVE_INFINITY, qos: () => 0 },
    flush(count) {
      let sum = made[1] as number;
      for (let at = 0; at < count * DECISION_WORDS; at += DECISION_WORDS)
        sum = (Math.imul(sum, 31) + (decisions[at] as number) * 64 + (decisions[at + 2] as number)) | 0;
      made[0] = (made[0] as number) + count;
      made[1] = sum;
    },
  },
});

function play(passes: number): void {
  made.fill(0);
  for (let pass = 0; pass < passes; pass += 1)
    for (const each of batches) driver.handle(each, each.length / EVENT_WORDS);
}

let collections = 0;
const observer = new PerformanceObserver((list) => {
  collections += list.getEntries().length;
});
observer.observe({ entryTypes: ['gc'] });

play(1);
const firstChecksum = made[1] as number;
play(warmUps);
await nextTurn();
collections = 0;
const before = getHeapStatistics().used_heap_size;
const began = process.cpuUsage();
play(times);
const { user, system } = process.cpuUsage(began);
const heapBytes = getHeapStatistics().used_heap_size - before;
const [decided = 0, checksum = 0] = made;
await nextTurn();
const result: Replayed = {
  ...{ decisions: decided, checksum, firstChecksum, seconds: (user + system) / 1e6, heapBytes, collections },
};
process.stdout.write(`${JSON.stringify(result)}\n`);
