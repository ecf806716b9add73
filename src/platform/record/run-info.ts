import type { Verdict } from '../../core/verdict.ts';
import type { ProcessIdentity } from '../process-identity.ts';

/** Of `request.json` and `result.json`; see docs/run-record.md. */
export const RECORD_SCHEMA_VERSION = 1;

/** `request.json`: written before anything else happens. */
export interface RunRequestInfo {
  readonly schema: typeof RECORD_SCHEMA_VERSION;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** As typed, without `devbox` itself. */
  readonly command: readonly string[];
  readonly useCase: 'run' | 'exec' | 'shell' | 'test';
  /** Directory in which it was typed. */
  readonly cwd: string;
  readonly request: unknown;
  readonly versions: { readonly devbox: string; readonly node: string };
  /** The devbox process, so that a run that goes on can be told from one that was killed. */
  readonly process: ProcessIdentity;
}

/** `result.json`: written last. A record without it is of a run that goes on, or was interrupted. */
export interface RunResultInfo {
  readonly schema: typeof RECORD_SCHEMA_VERSION;
  readonly runId: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationMs: number;
  readonly exitCode: number;
  /** Absent only when devbox itself failed. */
  readonly verdict?: Verdict;
  readonly command: readonly string[];
  readonly request: unknown;
  readonly versions: RunRequestInfo['versions'] & { readonly kernel?: string };
  readonly accel?: 'kvm' | 'tcg';
}
