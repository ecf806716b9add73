import type { CpuId, Cpus, Policy, TaskId, Tasks } from '../policy/policy.ts';

/** What a policy does with a task, or with a CPU, when it is asked to. */
export interface IdleFirst {
  /** Runs the task on an idle CPU; false when none will do. */
  readonly runWhereIdle: (task: TaskId) => boolean;
  /** Puts the task where it waits, or gives it a busy CPU. */
  readonly settle: (task: TaskId) => void;
  /** Puts the task where it waits. */
  readonly place: (task: TaskId) => void;
  /** Runs somebody who waits on a CPU that has nothing to do. */
  readonly fill: (cpu: CpuId) => void;
}

/** The methods of a policy in which whoever wants to run takes an idle CPU if there is one. */
export function idleFirst(
  { tasks, cpus }: { readonly tasks: Tasks; readonly cpus: Cpus },
  { runWhereIdle, settle, place, fill }: IdleFirst,
): Policy {
  const welcome = (task: TaskId) => {
    if (!runWhereIdle(task)) settle(task);
  };
  return {
    taskRunnable: welcome,
    taskPreempted(task, cpu) {
      place(task);
      // Its turn on this CPU comes after the others'. Another CPU may be idle.
      if (cpus.pending(cpu) === 0) fill(cpu);
      if (tasks.isWaiting(task)) runWhereIdle(task);
    },
    cpuIdle: fill,
    taskAffinityChanged(task) {
      if (tasks.isWaiting(task)) welcome(task);
    },
  };
}
