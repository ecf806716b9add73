/**
 * The records that the kernel and a policy exchange, as arrays of 32-bit words: native/bpf/relay.h says the same in C.
 * 64-bit values are two words, the low one first.
 */

/** Words of one event. */
export const EVENT_WORDS = 16;

/** Offsets of an event's words. */
export const EVENT = {
  /** When, ns, 64 bits. */
  time: 0,
  kind: 2,
  task: 3,
  /** Counts the times that the task became runnable; a decision quotes it. */
  sequence: 4,
  /** Signed. Where it ran; for a task that did not run, where it is. */
  cpu: 5,
  pid: 6,
  weight: 7,
  /** CPU time of the turn that just ended, ns, 64 bits; 0 when it did not run. */
  ran: 8,
  /** From runnable to running, of the turn that just ended, ns, 64 bits. */
  waited: 10,
  /** CPU time under this scheduler, ns, 64 bits. */
  runtime: 12,
  flags: 14,
  tgid: 15,
} as const;

export const EVENT_KIND = {
  new: 1,
  runnable: 2,
  preempted: 3,
  yielded: 4,
  blocked: 5,
  departed: 6,
  dead: 7,
  affinityChanged: 8,
  priorityChanged: 9,
  tick: 10,
  /** Nothing happened, but tasks wait. */
  heartbeat: 11,
} as const;

/** The turn that ended was not this policy's decision: the kernel side ran the task by itself. */
export const EVENT_FLAG_FALLBACK = 1;

/** Words of one decision. */
export const DECISION_WORDS = 8;

export const DECISION = {
  task: 0,
  sequence: 1,
  /** Signed; -1 is any. */
  cpu: 2,
  flags: 3,
  /** ns, 64 bits. */
  slice: 4,
} as const;

/** As RUN_PREEMPT and RUN_FIRST of the policy's interface; 4 is not about a task: the CPU is taken from what runs there. */
export const DECISION_FLAG = { preempt: 1, first: 2, kick: 4 } as const;

/** What a policy may say in `run`. */
export const RUN_FLAGS = DECISION_FLAG.preempt | DECISION_FLAG.first;

/** Words of a task's CPU mask: 256 CPUs. Masks of all tasks lie behind one another. */
export const MASK_WORDS = 8;
