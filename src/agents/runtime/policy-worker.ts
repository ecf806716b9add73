import { constants, setPriority } from 'node:os';
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { Failure } from '../../core/failure.ts';
import { findPolicy } from '../policies/policies.ts';
import type { PolicyDefinition } from '../policy/define-policy.ts';
import { readParams } from '../policy/params.ts';
import { importPolicy } from '../policy-file/import-policy.ts';
import { loadAddon, type NativeAddon } from './addon.ts';
import { readHints } from './hints.ts';
import { createMetrics } from './metrics.ts';
import { createPolicyDriver } from './policy-driver.ts';
import { type WorkerData, type WorkerMessage, workerFailure } from './policy-worker-message.ts';
import { EVENT_WORDS } from './relay-records.ts';
import { readMachine } from './topology.ts';
import { tuneEngine } from './tune-engine.ts';

/**
 * The thread that a policy runs in: it blocks until the kernel has something to tell, asks the policy, hands its decisions
 * back. What it allocates, it allocates before the first event.
 */

/** Events handed to the policy at once. */
const BATCH = 256;
/** How often the thread looks up, ns: what it hears of garbage collections comes through its event loop. */
const ROUND_NS = 1e9;

const data = workerData as WorkerData;
const tell = (message: WorkerMessage) => parentPort?.postMessage(message);

const garbage = { collections: 0, longestMs: 0, totalMs: 0 };
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    garbage.collections += 1;
    garbage.totalMs += duration;
    garbage.longestMs = Math.max(garbage.longestMs, duration);
  }
}).observe({ entryTypes: ['gc'] });

function runNative(addon: NativeAddon): void {
  const relay = new addon.Relay(data.files, new Float64Array(1));
  const masks = new Uint32Array(addon.mapMemory(data.masks, data.masksBytes));
  tell({ type: 'ready', wantsTicks: false });
  const [room, decisions] = [new Uint32Array(BATCH * EVENT_WORDS), new Uint32Array(data.decisions)];
  relay.runNativeFifo(room, decisions, masks, readMachine().cpuCount, NATIVE_SLICE_NS);
}

async function loadPolicy(): Promise<PolicyDefinition> {
  return data.policy.includes('/') ? importPolicy(data.policy) : findPolicy(data.policy);
}

/** Instead of a policy, for the bench. */
const NATIVE_FIFO = 'fifo-native';
const NATIVE_SLICE_NS = 20e6;

async function run(): Promise<void> {
  // Of this thread: where the relay has chosen tasks only, it competes with all others.
  setPriority(constants.priority.PRIORITY_HIGHEST);
  tuneEngine();
  const addon = loadAddon();
  if (data.policy === NATIVE_FIFO) {
    runNative(addon);
    return;
  }
  const definition = await loadPolicy();
  const params = readParams(`policy ${data.policy}`, definition.params ?? {}, data.argv);
  const { cpuCount, topology } = readMachine();
  const clock = new Float64Array(1);
  const heapBytes = { first: 0, last: 0 };
  const metrics = data.measure ? createMetrics({ capacity: data.capacity, cpuCount }) : undefined;
  const relay = new addon.Relay(data.files, clock);
  const events = new Uint32Array(BATCH * EVENT_WORDS);
  const decisions = new Uint32Array(data.decisions);
  const flush = (count: number) => {
    data.decided[0] = count;
    let done = 0;
    while (done < count) done += relay.submit(decisions, done, count - done);
  };
  const driver = createPolicyDriver({
    definition,
    params,
    ...(metrics !== undefined && { metrics }),
    backend: {
      ...{ capacity: data.capacity, cpuCount, topology, decisions, flush },
      masks: new Uint32Array(addon.mapMemory(data.masks, data.masksBytes)),
      hints: readHints(addon.mapSharedFile(data.hints.path, data.hints.bytes)),
    },
  });
  tell({ type: 'ready', wantsTicks: driver.wantsTicks });
  try {
    while (handleUntil(relay.now() + ROUND_NS)) {
      await nextTurn();
      heapBytes.last = process.memoryUsage().heapUsed;
      if (heapBytes.first === 0) heapBytes.first = heapBytes.last;
    }
  } catch (error) {
    tell({ type: 'failed', ...workerFailure(error), decisions: driver.recentDecisions() });
  }
  // Those of its last round arrive.
  await nextTurn();
  tell({
    type: 'ended',
    garbage: { ...garbage, heapBytes },
    ...(metrics !== undefined && { metrics: metrics.summary() }),
  });

  /** False: asked to stop. */
  function handleUntil(end: number): boolean {
    for (;;) {
      const timer = driver.nextTimer();
      const count = relay.wait(events, Math.min(timer, end));
      if (count < 0) return false;
      if (count > 0) driver.handle(events, count);
      const now = clock[0] as number;
      if (count === 0 && now >= timer) driver.timer(now);
      if (now >= end) return true;
    }
  }
}

try {
  await run();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  tell({ type: 'failed', ...workerFailure(error), decisions: [] });
}
