import { NONE, type TaskId } from '../policy/policy.ts';
import type { Random } from './random.ts';
import type { SimKernel } from './sim-kernel.ts';
import { TASK } from './sim-tasks.ts';
import type { SimControl } from './workload.ts';

export interface JobTotals {
  met: number;
  missed: number;
  /** ns; how late the latest was, or how much time the tightest had left when negative. */
  worstLateness: number;
}

export interface ControlledSim {
  readonly control: SimControl;
  readonly jobs: JobTotals;
  /** Asks `next` for the task that runs on the CPU. Throws an Error when it does nothing. */
  act(task: TaskId, cpu: number): void;
}

const NICE_0_WEIGHT = 100;

/** What a workload can do to a simulated kernel. `next`: the workload's. */
export function createControl(
  kernel: () => SimKernel,
  random: Random,
  next: (task: TaskId, control: SimControl) => void,
): ControlledSim {
  const jobs: JobTotals = { met: 0, missed: 0, worstLateness: Number.NEGATIVE_INFINITY };
  let acting = { task: NONE, cpu: NONE };
  let acted = false;
  let spread = 0;
  /** What changes about the task that acts does so when it has acted: it may cost it the CPU. */
  let changed: (() => void) | undefined;
  const change = (task: TaskId, how: () => void) => {
    if (task === acting.task) changed = how;
    else how();
  };

  /** The CPU of the task that acts, once. */
  const once = () => {
    if (acting.task === NONE || acted)
      throw new Error('a workload does one thing when it is asked for the next');
    acted = true;
    return acting.cpu;
  };
  const want = (burst: number) => {
    kernel().tasks.wants[acting.task] = atLeastOne(burst);
  };

  const control: SimControl = {
    get cpus() {
      return kernel().cpus;
    },
    random,
    now: () => kernel().now,
    spawn({
      burst,
      kind = 0,
      nice = 0,
      cpus,
      cpu,
      deadline = Number.POSITIVE_INFINITY,
      qos = 0,
      asleep = 0,
    }) {
      const { tasks } = kernel();
      const task = tasks.take();
      if (task === NONE) return NONE;
      tasks.setMask(task, cpus);
      tasks.cpu[task] = cpu ?? (acting.cpu !== NONE ? acting.cpu : (cpus?.[0] ?? spread % kernel().cpus));
      spread += 1;
      tasks.kind[task] = kind;
      tasks.weight[task] = weightOf(nice);
      tasks.deadline[task] = deadline;
      tasks.qos[task] = qos;
      tasks.wants[task] = atLeastOne(burst);
      kernel().arrive(task, asleep);
      return task;
    },
    isThere: (task) => kernel().tasks.state[task] !== TASK.free,
    kind: (task) => kernel().tasks.kind[task] as number,
    round: (task) => kernel().tasks.rounds[task] as number,
    compute(burst) {
      once();
      want(burst);
    },
    sleep(time, burst) {
      const cpu = once();
      kernel().sleep(cpu, atLeastOne(time));
      want(burst);
    },
    block(burst) {
      const { tasks } = kernel();
      const cpu = once();
      if (tasks.woken[acting.task] === 0) kernel().sleep(cpu, Number.POSITIVE_INFINITY);
      tasks.woken[acting.task] = 0;
      want(burst);
    },
    yield(burst) {
      const cpu = once();
      kernel().yield(cpu);
      want(burst);
    },
    depart(time, burst) {
      const cpu = once();
      kernel().depart(cpu, atLeastOne(time));
      want(burst);
    },
    exit: () => kernel().exit(once()),
    wake: (task) => kernel().wake(task),
    setNice(task, nice) {
      kernel().tasks.weight[task] = weightOf(nice);
      change(task, () => kernel().priorityChanged(task));
    },
    setCpus(task, cpus) {
      change(task, () => {
        kernel().tasks.setMask(task, cpus);
        kernel().affinityChanged(task);
      });
    },
    setDeadline(task, deadline) {
      kernel().tasks.deadline[task] = deadline;
    },
    setQos(task, qos) {
      kernel().tasks.qos[task] = qos;
    },
    jobDone(deadline) {
      const lateness = kernel().now - deadline;
      if (lateness > 0) jobs.missed += 1;
      else jobs.met += 1;
      jobs.worstLateness = Math.max(jobs.worstLateness, lateness);
    },
  };

  return {
    control,
    jobs,
    act(task, cpu) {
      acting = { task, cpu };
      acted = false;
      next(task, control);
      const { tasks } = kernel();
      if (!acted) throw new Error(`the workload did nothing for task ${task} when it was asked for the next`);
      acting = { task: NONE, cpu: NONE };
      const then = changed;
      changed = undefined;
      if (tasks.state[task] === TASK.free) return;
      tasks.rounds[task] = (tasks.rounds[task] as number) + 1;
      then?.();
    },
  };
}

function atLeastOne(time: number): number {
  return Math.max(1, Math.round(time));
}

/** As the kernel has it for sched_ext: a quarter more for every step, 1 to 10,000. */
function weightOf(nice: number): number {
  return Math.max(1, Math.min(10_000, Math.round(NICE_0_WEIGHT * 1.25 ** -nice)));
}
