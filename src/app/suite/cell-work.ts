import type { GuestRequest } from '../request.ts';
import type { AgentPlan } from '../run/agent-session.ts';
import type { SessionContext } from '../use-case.ts';
import type { Attempt } from './attempt.ts';
import type { GuestKeeper } from './guest-keeper.ts';
import type { RecordedGuest } from './guest-record.ts';
import type { KnownFindings } from './known-findings.ts';
import type { PlannedTest } from './plan-tests.ts';
import type { TestPrograms } from './test-command.ts';

/** Tests that need the same guest, and who takes them. */
export interface CellWork {
  readonly kernel: string;
  readonly smp: string;
  readonly agent?: AgentPlan;
  /** The next test; undefined when none is left. */
  take(): PlannedTest | undefined;
  /** How it went. */
  give(test: PlannedTest, attempt: Attempt): void;
  /** A guest did not end well, and no test is to blame. */
  trouble(attempt: Attempt): void;
}

export interface ServeOptions {
  readonly work: CellWork;
  /** What is common to all guests. */
  readonly request: GuestRequest;
  readonly context: SessionContext;
  readonly programs: TestPrograms;
  readonly vm: 'shared' | 'per-test';
  readonly known: KnownFindings;
  /** Keeps the guest of a test that failed. */
  readonly keeper?: GuestKeeper;
  /** A record for one more guest. */
  readonly record: () => RecordedGuest;
}
