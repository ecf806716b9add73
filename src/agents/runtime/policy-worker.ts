import { on } from 'node:events';
import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Failure } from '../../core/failure.ts';
import { loadPolicy } from '../policies/load-policy.ts';
import { POLICY_NAMES } from '../policies/policy-names.ts';
import type { PolicyDefinition } from '../policy/define-policy.ts';
import { readParams } from '../policy/params.ts';
import { loadAddon, type NativeAddon, type RelayMemory } from './addon.ts';
import { drawAnew } from './draw-anew.ts';
import { collectAll, watchGarbage } from './garbage.ts';
import { readHints } from './hints.ts';
import { createMetrics } from './metrics.ts';
import { createPolicyDriver } from './policy-driver.ts';
import {
  type WorkerConnection,
  type WorkerData,
  type WorkerMessage,
  type WorkerOrder,
  workerFailure,
} from './policy-worker-message.ts';
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
/** What comes after a step. */
const ON = 0;
const ROUND_OVER = 1;
const STOPPED = 2;

const data = workerData as WorkerData;
const tell = (message: WorkerMessage) => parentPort?.postMessage(message);

const garbage = watchGarbage();
const decisions = new Uint32Array(data.decisions);
const memory: RelayMemory = {
  clock: new Float64Array(2),
  events: new Uint32Array(BATCH * EVENT_WORDS),
  decisions,
};

/** What it is told, in order: a WorkerOrder, then a WorkerConnection. */
const inbox = on(parentPort as MessagePort, 'message');
const nextMessage = async () => (await inbox.next()).value?.[0];

/** The kernel side is loaded meanwhile. Nothing comes after it. */
async function connected(): Promise<WorkerConnection> {
  const connection = await nextMessage();
  await inbox.return?.();
  return connection;
}

/** A held thread has loaded all that it may need before anybody knows what that is. */
async function hold(): Promise<void> {
  loadAddon();
  await Promise.all(POLICY_NAMES.map(loadPolicy));
  await import('../policy-file/import-policy.ts');
  collectAll();
  tell({ type: 'held' });
}

async function runNative(addon: NativeAddon): Promise<void> {
  const connection = await connected();
  const relay = new addon.Relay(connection.files, memory);
  const masks = new Uint32Array(addon.mapMemory(connection.masks, connection.masksBytes));
  tell({ type: 'ready', wantsTicks: false, tid: threadNumber() });
  relay.runNativeFifo(masks, readMachine().cpuCount, NATIVE_SLICE_NS);
}

/** Of this thread, as the kernel counts. */
function threadNumber(): number {
  return Number(basename(readlinkSync('/proc/thread-self')));
}

async function definitionOf(policy: string): Promise<PolicyDefinition> {
  if (!policy.includes('/')) return loadPolicy(policy);
  const { importPolicy } = await import('../policy-file/import-policy.ts');
  return importPolicy(policy);
}

/** Instead of a policy, for the bench. */
const NATIVE_FIFO = 'fifo-native';
const NATIVE_SLICE_NS = 20e6;

async function run(): Promise<void> {
  if (data.isHeld) await hold();
  const order = (await nextMessage()) as WorkerOrder;
  Object.assign(process.env, order.env);
  // Of this thread: where the relay has chosen tasks only, it competes with all others.
  setPriority(constants.priority.PRIORITY_HIGHEST);
  const addon = loadAddon();
  if (data.isHeld) drawAnew(addon);
  if (order.policy === NATIVE_FIFO) {
    await runNative(addon);
    return;
  }
  const definition = await definitionOf(order.policy);
  const params = readParams(`policy ${order.policy}`, definition.params ?? {}, order.argv);
  const { cpuCount, topology } = readMachine();
  const metrics = order.measure ? createMetrics({ capacity: data.capacity, cpuCount }) : undefined;
  const { clock, events } = memory;
  const roundEnd = new Float64Array(1);
  const connection = await connected();
  const relay = new addon.Relay(connection.files, memory);
  const flush = (count: number) => {
    data.decided[0] = count;
    let done = 0;
    while (done < count) done += relay.submit(done, count - done);
  };
  const driver = createPolicyDriver({
    definition,
    params,
    ...(metrics !== undefined && { metrics }),
    backend: {
      ...{ capacity: data.capacity, cpuCount, topology, decisions, flush },
      masks: new Uint32Array(addon.mapMemory(connection.masks, connection.masksBytes)),
      hints: readHints(addon.mapSharedFile(data.hints.path, data.hints.bytes)),
    },
  });
  tuneEngine();
  garbage.settle();
  tell({ type: 'ready', wantsTicks: driver.wantsTicks, tid: threadNumber() });
  try {
    while (handleUntil(relay.now() + ROUND_NS)) {
      await nextTurn();
      garbage.look();
    }
  } catch (error) {
    tell({ type: 'failed', ...workerFailure(error), decisions: driver.recentDecisions() });
  }
  tell({
    type: 'ended',
    garbage: await garbage.stats(),
    ...(metrics !== undefined && { metrics: metrics.summary() }),
  });

  /** False: asked to stop. */
  function handleUntil(end: number): boolean {
    roundEnd[0] = end;
    for (;;) {
      const next = step();
      if (next !== ON) return next === ROUND_OVER;
    }
  }

  /** Apart from the loop around it, which is entered too seldom for the engine to make it fast: there every number costs an object. */
  function step(): number {
    const timer = driver.nextTimer();
    clock[1] = Math.min(timer, roundEnd[0] as number);
    const count = relay.wait();
    if (count < 0) return STOPPED;
    if (count > 0) driver.handle(events, count);
    else if ((clock[0] as number) >= timer) driver.timer(clock[0] as number);
    return (clock[0] as number) < (roundEnd[0] as number) ? ON : ROUND_OVER;
  }
}

try {
  await run();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  tell({ type: 'failed', ...workerFailure(error), decisions: [] });
}
