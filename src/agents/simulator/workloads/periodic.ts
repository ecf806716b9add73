import type { TaskId } from '../../policy/policy.ts';
import type { SimWorkload } from '../workload.ts';
import { countFlag, NS_PER_MS, type SimWorkloadSource, timeFlag } from './source.ts';

export interface PeriodicTask {
  /** ns; what it has to do in each period is done by its end. */
  readonly period: number;
  readonly work: number;
}

export const periodic: SimWorkloadSource = {
  name: 'periodic',
  summary: 'Tasks that have to do something in every period, with deadlines as hints',
  flags: [
    countFlag('threads', 'Tasks; 0: four times as many as CPUs', 0),
    countFlag('load', 'Percent of all CPUs that they need together', 80, 200),
    timeFlag('period', 'The shortest period; others have up to eight times as much', '10ms'),
  ],
  create(flags) {
    const [threads, load, period] = [
      flags.count('threads'),
      flags.count('load') / 100,
      flags.ms('period') * NS_PER_MS,
    ];
    return createPeriodic((cpus) => {
      const many = threads || 4 * cpus;
      return Array.from({ length: many }, (_, index) => {
        const own = Math.round(period * (1 + (index % 8)));
        return { period: own, work: Math.max(1, Math.floor((own * load * cpus) / many)) };
      });
    });
  },
};

/** All begin their first period at time 0. */
export function createPeriodic(tasks: (cpus: number) => readonly PeriodicTask[]): SimWorkload {
  let known: readonly PeriodicTask[] = [];
  /** Ends of the present periods. */
  let ends = new Map<TaskId, number>();
  return {
    capacity: (cpus) => Math.max(1, tasks(cpus).length),
    start(control) {
      known = tasks(control.cpus);
      ends = new Map();
      for (const [kind, { period, work }] of known.entries())
        ends.set(control.spawn({ burst: work, kind, deadline: period }), period);
    },
    next(task, control) {
      const { period, work } = known[control.kind(task)] as PeriodicTask;
      const end = ends.get(task) as number;
      control.jobDone(end);
      ends.set(task, end + period);
      control.setDeadline(task, end + period);
      // Who is late begins the next one at once.
      if (control.now() < end) control.sleep(end - control.now(), work);
      else control.compute(work);
    },
  };
}
