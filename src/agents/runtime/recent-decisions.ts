import { NONE } from '../policy/policy.ts';

/** A decision as it was made; `task` and `pid` are NONE for one that only took a CPU away. */
export interface RecentDecision {
  /** ns */
  readonly time: number;
  readonly task: number;
  readonly pid: number;
  /** -1: any. */
  readonly cpu: number;
  /** ns; Infinity without end. */
  readonly slice: number;
  readonly flags: number;
}

const KEPT = 64;
const WORDS = 6;

/** The last 64 decisions, in memory that never grows. */
export class RecentDecisions {
  readonly #ring = new Float64Array(KEPT * WORDS);
  #made = 0;

  add(time: number, task: number, pid: number, cpu: number, slice: number, flags: number): void {
    const ring = this.#ring;
    const at = (this.#made & (KEPT - 1)) * WORDS;
    this.#made = (this.#made + 1) | 0;
    ring[at] = time;
    ring[at + 1] = task;
    ring[at + 2] = pid;
    ring[at + 3] = cpu;
    ring[at + 4] = slice;
    ring[at + 5] = flags;
  }

  /** The oldest first. */
  list(): readonly RecentDecision[] {
    const decisions: RecentDecision[] = [];
    for (let back = KEPT; back >= 1; back -= 1) {
      const at = ((this.#made - back) & (KEPT - 1)) * WORDS;
      const [time = 0, task = NONE, pid = NONE, cpu = NONE, slice = 0, flags = 0] = this.#ring.subarray(
        at,
        at + WORDS,
      );
      // A decision has a slice, or takes a CPU away.
      if (slice > 0 || flags !== 0) decisions.push({ time, task, pid, cpu, slice, flags });
    }
    return decisions;
  }
}
