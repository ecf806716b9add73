import { Failure, type FailureKind } from '../../core/failure.ts';
import type { RelayFiles } from './addon.ts';
import type { GarbageStats } from './garbage.ts';
import type { MetricsSummary } from './metrics.ts';
import type { RecentDecision } from './recent-decisions.ts';

/** What the thread of a policy is made with. */
export interface WorkerData {
  /** Whether it loads all that any policy may need, and says when it has. */
  readonly isHeld: boolean;
  /** Tasks that there can be. */
  readonly capacity: number;
  readonly hints: { readonly path: string; readonly bytes: number };
  /** Room for decisions, and how many were made last: read by the other thread when this one is stuck. */
  readonly decisions: SharedArrayBuffer;
  readonly decided: Int32Array;
}

/** What it is told first. */
export interface WorkerOrder {
  /** Name, or path with a slash. */
  readonly policy: string;
  /** Of the policy's own parameters. */
  readonly argv: readonly string[];
  /** Whether latencies are to be measured. */
  readonly measure: boolean;
  /** The environment of the process as it is now. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What it is told then, when the kernel side is there. */
export interface WorkerConnection {
  readonly files: RelayFiles;
  /** A mmapable BPF array's descriptor. */
  readonly masks: number;
  readonly masksBytes: number;
}

export interface FailureText {
  readonly kind: FailureKind;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly evidence: readonly string[];
}

export type WorkerMessage =
  /** All is loaded, and nothing goes on until it is told a policy. Of a held thread only. */
  | { readonly type: 'held' }
  /** The policy is there: events may come, to the thread of this number. */
  | { readonly type: 'ready'; readonly wantsTicks: boolean; readonly tid: number }
  /** The last message, when it was asked to stop or has failed. */
  | { readonly type: 'ended'; readonly garbage: GarbageStats; readonly metrics?: MetricsSummary }
  | { readonly type: 'failed'; readonly failure: FailureText; readonly decisions: readonly RecentDecision[] };

/** An error as it can cross threads. What is no Failure is a bug of ours, and says where. */
export function workerFailure(error: unknown): { readonly failure: FailureText } {
  if (error instanceof Failure) {
    const { kind, code, message, hint, evidence } = error;
    return { failure: { kind, code, message, evidence, ...(hint === undefined ? {} : { hint }) } };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    failure: {
      kind: 'agent',
      code: 'policy-runtime-failed',
      message: `The runtime of policies failed: ${error instanceof Error ? error.message : String(error)}`,
      evidence: stack.split('\n').slice(0, 20),
    },
  };
}
