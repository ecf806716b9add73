import type { CpuId, TaskId } from '../policy/policy.ts';
import type { SimControl, SimWorkload, SpawnOptions } from './workload.ts';

/** What a scripted task does next. Times are ns; tasks are named by their place in the list. */
export type SimStep =
  | { readonly do: 'compute'; readonly for: number }
  | { readonly do: 'sleep'; readonly for: number }
  /** Until somebody wakes it. */
  | { readonly do: 'block' }
  | { readonly do: 'yield' }
  | { readonly do: 'depart'; readonly for: number }
  | { readonly do: 'wake'; readonly task: number }
  | { readonly do: 'set-nice'; readonly task: number; readonly nice: number }
  | { readonly do: 'set-cpus'; readonly task: number; readonly cpus: readonly CpuId[] };

export interface SimScript extends Omit<SpawnOptions, 'kind' | 'burst'> {
  /** At the end it begins again, or the task ends. */
  readonly steps: readonly SimStep[];
  readonly repeat?: boolean;
}

/** A task that computes nothing would do everything at once, for ever. */
const LEAST_BURST = 1000;

/** A workload in which each task follows a script: for tests, and for whoever wants a certain situation. */
export function scriptedWorkload(scripts: readonly SimScript[]): SimWorkload {
  let tasks: TaskId[] = [];
  let positions: number[] = [];

  return {
    capacity: () => Math.max(1, scripts.length),
    start(control) {
      tasks = scripts.map(({ steps: _, repeat: __, ...options }, kind) =>
        control.spawn({ ...options, kind, burst: LEAST_BURST }),
      );
      positions = scripts.map(() => 0);
    },
    next(task, control) {
      const kind = control.kind(task);
      const { steps, repeat = false } = scripts[kind] as SimScript;
      for (let done = 0; done <= steps.length; done += 1) {
        const position = positions[kind] as number;
        const step = steps[position % steps.length];
        if (step === undefined || (position >= steps.length && !repeat)) {
          control.exit();
          return;
        }
        positions[kind] = position + 1;
        if (act(step, control, tasks)) return;
      }
      control.compute(LEAST_BURST);
    },
  };
}

/** Whether the task did something that takes time, or stops it. */
function act(step: SimStep, control: SimControl, tasks: readonly TaskId[]): boolean {
  const target = (place: number) => tasks[place % tasks.length] as TaskId;
  switch (step.do) {
    case 'compute':
      control.compute(step.for);
      return true;
    case 'sleep':
      control.sleep(step.for, LEAST_BURST);
      return true;
    case 'block':
      control.block(LEAST_BURST);
      return true;
    case 'yield':
      control.yield(LEAST_BURST);
      return true;
    case 'depart':
      control.depart(step.for, LEAST_BURST);
      return true;
    case 'wake':
      if (control.isThere(target(step.task))) control.wake(target(step.task));
      return false;
    case 'set-nice':
      if (control.isThere(target(step.task))) control.setNice(target(step.task), step.nice);
      return false;
    case 'set-cpus':
      if (control.isThere(target(step.task))) control.setCpus(target(step.task), step.cpus);
      return false;
  }
}
