import type { PriorityQueue } from './priority-queue.ts';
import type { TaskQueue } from './task-queue.ts';

/**
 * A task: a small whole number, an index into tables. Another task may get it after this one departed or died.
 */
export type TaskId = number;

/** A logical CPU, counted from 0 as the kernel does. */
export type CpuId = number;

/** For `run`: whichever allowed CPU runs dry first. */
export const ANY_CPU = -1;

/** No task, no CPU. */
export const NONE = -1;

/** `run` interrupts what runs there: ghOSt does so in every transaction, sched_ext with SCX_ENQ_PREEMPT. */
export const RUN_PREEMPT = 1;
/** `run` puts the task before those that wait in the kernel for the same CPU (SCX_ENQ_HEAD). */
export const RUN_FIRST = 2;

/**
 * What a policy hears. Every method is optional but `taskRunnable`. They are called one at a time, in the order in which
 * the kernel said it, and must return at once: nothing is scheduled meanwhile. All times are nanoseconds.
 *
 * A task that a policy was told is runnable is the policy's until it calls `run` for it, or the task goes.
 */
export interface Policy {
  /** A task came under this policy; it is not runnable yet. ghOSt TASK_NEW; sched_ext ops.enable. */
  taskNew?(task: TaskId): void;
  /** It wants a CPU, having slept or being new. ghOSt TASK_WAKEUP; ops.enqueue with SCX_ENQ_WAKEUP. */
  taskRunnable(task: TaskId): void;
  /** It lost `cpu` and wants to go on: slice used up, or somebody more important came. Default: `taskRunnable`. ghOSt TASK_PREEMPT; ops.stopping(runnable), then ops.enqueue. */
  taskPreempted?(task: TaskId, cpu: CpuId): void;
  /** It called sched_yield(2). Default: `taskPreempted`. ghOSt TASK_YIELD; ops.yield, then ops.enqueue. */
  taskYielded?(task: TaskId, cpu: CpuId): void;
  /** It sleeps. ghOSt TASK_BLOCKED; ops.quiescent with SCX_DEQ_SLEEP. */
  taskBlocked?(task: TaskId, cpu: CpuId): void;
  /** It left this policy and lives on, under another scheduling class. Queues of the context have forgotten it. ghOSt TASK_DEPARTED; ops.disable. */
  taskDeparted?(task: TaskId): void;
  /** It ended. Queues of the context have forgotten it. ghOSt TASK_DEAD; ops.exit_task. */
  taskDead?(task: TaskId): void;
  /** It may use other CPUs now. ghOSt TASK_AFFINITY_CHANGED; ops.set_cpumask. */
  taskAffinityChanged?(task: TaskId): void;
  /** Its nice value or weight changed. ghOSt TASK_PRIORITY_CHANGED; ops.set_weight. */
  taskPriorityChanged?(task: TaskId): void;
  /** Nothing that this policy gave `cpu` is left to run there. Also once for each CPU at the start. ghOSt CPU_AVAILABLE; ops.update_idle. */
  cpuIdle?(cpu: CpuId): void;
  /** The timer tick of a CPU that runs a task of this policy. Costs an event each: declare it only when needed. ghOSt CPU_TICK; ops.tick. */
  cpuTick?(cpu: CpuId): void;
  /** After every batch of the above, and when `nextTimer` says so: a good place to decide everything at once. */
  schedule?(): void;
  /** When `schedule` has to be called even if nothing happens: a time as `now()` gives it; Infinity: never. */
  nextTimer?(): number;
}

/** What is known of tasks. For a task that is not there every answer is meaningless. */
export interface Tasks {
  /** Ids are below this. */
  readonly capacity: number;
  /** How many there are. */
  readonly count: number;
  /** How many of them wait to be run by this policy. */
  readonly waiting: number;
  /** Thread id. */
  pid(task: TaskId): number;
  /** Process id. */
  tgid(task: TaskId): number;
  /** As sched_ext has it: 1 to 10,000, 100 for nice 0, a quarter more for every step of nice. */
  weight(task: TaskId): number;
  /** -20 to 19, worked out from the weight. */
  nice(task: TaskId): number;
  /** Whether it may run on the CPU. */
  allows(task: TaskId, cpu: CpuId): boolean;
  /** On how many CPUs it may run. */
  cpuCount(task: TaskId): number;
  /** Where it ran last, or was when it came. */
  lastCpu(task: TaskId): CpuId;
  /** A CPU that it may use: the last one, else the next that is allowed. */
  allowedCpu(task: TaskId): CpuId;
  /** CPU time under this policy so far. */
  runtime(task: TaskId): number;
  /** CPU time of its last turn: since it was last put on a CPU. */
  ran(task: TaskId): number;
  /** When it last became runnable. */
  runnableSince(task: TaskId): number;
  /** Whether it is this policy's to run. */
  isWaiting(task: TaskId): boolean;
  /** Absolute deadline that the task gave as a hint; Infinity without one. */
  deadline(task: TaskId): number;
  /** Class of service that the task gave as a hint, higher is more important; 0 without one. */
  qos(task: TaskId): number;
}

export interface Cpus {
  readonly count: number;
  /** How many tasks were sent to it by `run` and have not stopped since: 0 when it is idle, for all this policy knows. */
  pending(cpu: CpuId): number;
  /** The task that was sent to it last and has not stopped; NONE. */
  current(cpu: CpuId): TaskId;
  /** A CPU with nothing pending, not `except`, that the task may use: its last one, else one near by number; NONE. What was sent to ANY_CPU is not counted. sched_ext scx_bpf_pick_idle_cpu. */
  pickIdle(task: TaskId, except?: CpuId): CpuId;
  /** Which core, last-level cache and NUMA node it belongs to: equal numbers are the same one. */
  core(cpu: CpuId): number;
  cache(cpu: CpuId): number;
  node(cpu: CpuId): number;
}

/** What a policy can do. `Params` holds a value for every parameter that it declares. */
export interface PolicyContext<Params = Readonly<Record<string, never>>> {
  readonly params: Params;
  readonly tasks: Tasks;
  readonly cpus: Cpus;
  /** The time of what is being told, nanoseconds on the kernel's monotonic clock. */
  now(): number;
  /**
   * Lets a task run on a CPU, or on ANY_CPU, for at most `slice` nanoseconds. If the CPU is busy it waits there in the kernel.
   * `flags`: RUN_PREEMPT, RUN_FIRST. The task leaves the queue of the context that it is in. A slice of Infinity has no end.
   *
   * Throws when the task is not waiting, the CPU does not exist or is forbidden to the task, or the slice is not positive:
   * that is a mistake in the policy, and ends it.
   */
  run(task: TaskId, cpu: CpuId, slice: number, flags?: number): void;
  /** Takes the CPU away from what runs there; `taskPreempted` follows. */
  preempt(cpu: CpuId): void;
  /** A queue in order of arrival. Tasks that go are taken out of it by themselves. A task is in one queue of a policy at most. */
  queue(): TaskQueue;
  /** A queue in order of a number, the smallest first. As `queue` otherwise. */
  priorityQueue(): PriorityQueue;
  /** The same for CPUs: nothing leaves it by itself, and a CPU may be in several. */
  cpuPriorityQueue(): PriorityQueue;
}
