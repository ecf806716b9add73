import type { CpuId, TaskId } from '../policy/policy.ts';
import type { Random } from './random.ts';

/**
 * What simulated tasks do. Whenever a task has computed as long as it wanted to, `next` is asked, and calls one of `compute`,
 * `sleep`, `block`, `yield`, `depart` and `exit`, and anything else before. All times are whole nanoseconds.
 */
export interface SimWorkload {
  /** How many tasks there may be at the same time. */
  capacity(cpus: number): number;
  /** Makes the first tasks, at time 0. What it keeps is as new afterwards. */
  start(control: SimControl): void;
  next(task: TaskId, control: SimControl): void;
}

export interface SpawnOptions {
  /** What it computes first; at least 1. */
  readonly burst: number;
  /** A number for the workload's own use; default 0. */
  readonly kind?: number;
  /** -20 to 19; default 0. */
  readonly nice?: number;
  /** Allowed CPUs; default: all. */
  readonly cpus?: readonly CpuId[];
  /** Where it is at first; default: where the task is that made it, else spread. */
  readonly cpu?: CpuId;
  /** Absolute; default: none. */
  readonly deadline?: number;
  readonly qos?: number;
  /** It sleeps at first, as long as this; default 0. */
  readonly asleep?: number;
}

/** What a workload can do. */
export interface SimControl {
  readonly cpus: number;
  readonly random: Random;
  now(): number;
  /** -1 when the capacity is used up. */
  spawn(options: SpawnOptions): TaskId;
  /** Whether a task has the number. */
  isThere(task: TaskId): boolean;
  kind(task: TaskId): number;
  /** How often `next` was asked for the task, from 0. */
  round(task: TaskId): number;

  /** The task that `next` is asked for: goes on for `burst`. */
  compute(burst: number): void;
  /** It sleeps, then wants to compute. */
  sleep(time: number, burst: number): void;
  /** It sleeps until `wake`; one that came before counts. */
  block(burst: number): void;
  /** sched_yield(2). */
  yield(burst: number): void;
  /** It leaves the policy for a time, and comes back as a new task. */
  depart(time: number, burst: number): void;
  exit(): void;

  wake(task: TaskId): void;
  setNice(task: TaskId, nice: number): void;
  /** At least one CPU that exists. */
  setCpus(task: TaskId, cpus: readonly CpuId[]): void;
  setDeadline(task: TaskId, deadline: number): void;
  setQos(task: TaskId, qos: number): void;
  /** The task has done, now, what it had to do by `deadline`. */
  jobDone(deadline: number): void;
}
