import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { NativeAddon } from './addon.ts';
import { tuneHeap } from './garbage.ts';
import { HINTS_BYTES, HINTS_FILE } from './hints.ts';
import { threadFailure } from './policy-report.ts';
import type {
  FailureText,
  WorkerConnection,
  WorkerData,
  WorkerMessage,
  WorkerOrder,
} from './policy-worker-message.ts';
import { readDecisions } from './read-decisions.ts';
import type { RecentDecision } from './recent-decisions.ts';
import { DECISION_WORDS, MASK_WORDS } from './relay-records.ts';
import type { LoadedScheduler } from './scheduler.ts';

/** native/bpf/relay.h */
const MAX_TASKS = 32_768;
const CONTROL_BYTES = 64;
const DECISIONS_AT_ONCE = 256;
/** What a policy and its tables may take. */
export const MAX_HEAP_MB = 256;
/** A thread that does not hear of the end within this time is ended. */
const TERMINATE_MS = 10_000;

type Message<Type> = Extract<WorkerMessage, { readonly type: Type }>;

export interface PolicyFailure {
  readonly failure: FailureText;
  readonly decisions: readonly RecentDecision[];
}

/** The thread that a policy runs in, seen from the one that supervises it. */
export interface PolicyThread extends AsyncDisposable {
  /**
   * Hands it the kernel side, of which it has to be told of decisions when `poke`. Once. The thread ends when this is
   * disposed, so that what it uses is closed after it.
   */
  connect(loaded: LoadedScheduler, poke: boolean): AsyncDisposable;
  /** The policy is there: events may come. */
  readonly ready: Promise<Message<'ready'>>;
  /** Resolves, and only then, when the policy cannot go on. */
  readonly failed: Promise<PolicyFailure>;
  /** When it last showed that it lives; ns. Once it is connected. */
  beatNs(): number;
  /** Of its last batch; works when it is stuck, too. */
  lastDecisions(): readonly RecentDecision[];
  /** How full its heap is; works when it is stuck, too. NaN: it does not say within `patienceMs`. */
  heapMb(patienceMs: number): Promise<number>;
  /** Asks it to stop, ends it when it does not, and gives its last words. It may still be going when they are there. */
  finish(): Promise<Message<'ended'> | undefined>;
  /** Nobody waits for it to be gone: the process is about to end. */
  abandon(): void;
}

export interface PolicyThreadOptions {
  readonly addon: NativeAddon;
  /** One that was started before anybody knew the policy. */
  readonly held?: HeldThread;
  /** Name or path. */
  readonly policy: string;
  readonly argv: readonly string[];
  readonly measure: boolean;
}

/** A thread that does not know its policy yet. */
export interface HeldThread {
  readonly worker: Worker;
  /** What it shares with this one. */
  readonly data: WorkerData;
}

/** Starts a thread and has it load all that any policy may need. Rejects with what it threw. */
export async function holdPolicyThread(): Promise<HeldThread> {
  const held = startThread(true);
  await once(held.worker, 'message');
  return held;
}

function startThread(isHeld: boolean): HeldThread {
  const data: WorkerData = {
    ...{ isHeld, capacity: MAX_TASKS, hints: { path: HINTS_FILE, bytes: HINTS_BYTES } },
    decisions: new SharedArrayBuffer(DECISIONS_AT_ONCE * DECISION_WORDS * 4),
    decided: new Int32Array(new SharedArrayBuffer(4)),
  };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  tuneHeap();
  const worker = new Worker(new URL(`./policy-worker.${extension}`, import.meta.url), {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  return { worker, data };
}

/** Starts at once to load the policy, which takes as long as loading the kernel side: both go on side by side. */
export function startPolicyThread({
  addon,
  policy,
  argv,
  measure,
  held = startThread(false),
}: PolicyThreadOptions): PolicyThread {
  const { worker, data } = held;
  const { decisions, decided } = data;
  const lastDecisions = () => readDecisions(new Uint32Array(decisions), decided[0] ?? 0);
  const stop = addon.openEvent();
  const order: WorkerOrder = { policy, argv, measure, env: { ...process.env } };
  worker.postMessage(order);
  const ready = Promise.withResolvers<Message<'ready'>>();
  const failed = Promise.withResolvers<PolicyFailure>();
  const fail = (error: Error) =>
    failed.resolve({ failure: threadFailure(policy, error, MAX_HEAP_MB), decisions: lastDecisions() });
  const ended = Promise.withResolvers<Message<'ended'> | undefined>();
  worker.on('message', (message: WorkerMessage) => {
    if (message.type === 'ready') ready.resolve(message);
    else if (message.type === 'failed') failed.resolve(message);
    else if (message.type === 'ended') ended.resolve(message);
  });
  worker.on('error', fail);
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      fail(new Error(`its thread ended with code ${code}`));
      ended.resolve(undefined);
      resolve();
    });
  });

  let control: BigUint64Array | undefined;
  const connect = (loaded: LoadedScheduler, poke: boolean): AsyncDisposable => {
    control = new BigUint64Array(addon.mapMemory(loaded.mapFd('control'), CONTROL_BYTES));
    const connection: WorkerConnection = {
      files: {
        ...{ events: loaded.mapFd('events'), decisions: loaded.mapFd('decisions') },
        ...{ control: loaded.mapFd('control'), stop, poke: poke ? loaded.programFd('relay_poke') : -1 },
      },
      masks: loaded.mapFd('masks'),
      masksBytes: MAX_TASKS * MASK_WORDS * 4,
    };
    worker.postMessage(connection);
    return { [Symbol.asyncDispose]: gone };
  };

  let isAsked = false;
  const finish = () => {
    if (isAsked) return ended.promise;
    isAsked = true;
    addon.setEvent(stop);
    if (!control) void worker.terminate();
    const patience = setTimeout(() => void worker.terminate(), TERMINATE_MS);
    void exited.then(() => {
      clearTimeout(patience);
      addon.closeEvent(stop);
    });
    return ended.promise;
  };
  let isAbandoned = false;
  async function gone(): Promise<void> {
    if (isAbandoned) return;
    void finish();
    await exited;
  }
  return {
    ...{ connect, ready: ready.promise, failed: failed.promise, lastDecisions, finish },
    beatNs: () => Number(control?.[0] ?? 0),
    heapMb: async (patienceMs) => {
      const patience = AbortSignal.timeout(patienceMs);
      const stats = worker.getHeapStatistics().catch(() => undefined);
      const said = await Promise.race([stats, once(patience, 'abort').then(() => undefined)]);
      return said ? said.used_heap_size / 2 ** 20 : Number.NaN;
    },
    abandon: () => {
      isAbandoned = true;
    },
    [Symbol.asyncDispose]: gone,
  };
}
