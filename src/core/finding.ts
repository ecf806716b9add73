/** Something the kernel complained about on its console. */
export type FindingKind =
  | 'panic'
  | 'oops'
  | 'bug'
  | 'warning'
  | 'lockdep'
  | 'rcu-stall'
  | 'soft-lockup'
  | 'hard-lockup'
  | 'hung-task'
  | 'kasan'
  | 'ubsan'
  | 'sleeping-in-atomic'
  | 'out-of-memory'
  | 'scheduler-ejected';

export interface KernelFinding {
  readonly kind: FindingKind;
  /** The line that gave it away, without the kernel's time stamp. */
  readonly title: string;
  /** The whole report as quoted from the console, at most 120 lines. */
  readonly lines: readonly string[];
  /** Milliseconds since the run started. */
  readonly t: number;
}
