import type { SimWorkload } from '../workload.ts';
import { countFlag, NS_PER_MS, type SimWorkloadSource, timeFlag } from './source.ts';

export const many: SimWorkloadSource = {
  name: 'many',
  summary: 'A million tasks that each compute, sleep, compute and end',
  flags: [
    countFlag('threads', 'Tasks', 1_000_000, 4_000_000),
    timeFlag('work', 'Mean of what each computes at a time', '500us'),
  ],
  create: (flags) => createMany(flags.count('threads'), flags.ms('work') * NS_PER_MS),
};

function createMany(threads: number, work: number): SimWorkload {
  return {
    capacity: () => Math.max(1, threads),
    start(control) {
      const { random, cpus } = control;
      // They come over the time that all CPUs need for them.
      const span = Math.max(1, Math.round((2 * threads * work) / cpus));
      for (let task = 0; task < threads; task += 1)
        control.spawn({ burst: random.exponential(work), asleep: random.below(span) });
    },
    next(task, control) {
      if (control.round(task) > 0) {
        control.exit();
        return;
      }
      control.sleep(control.random.exponential(work), control.random.exponential(work));
    },
  };
}
