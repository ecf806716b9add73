import type { SimWorkload } from '../workload.ts';
import { countFlag, NS_PER_MS, type SimWorkloadSource, timeFlag } from './source.ts';

export const pingpong: SimWorkloadSource = {
  name: 'pingpong',
  summary: 'Pairs of tasks that wake each other: wake-up latency',
  flags: [
    countFlag('pairs', 'Pairs; 0: as many as CPUs', 0),
    timeFlag('work', 'How long each computes before it wakes the other', '20us'),
  ],
  create: (flags) => createPingpong(flags.count('pairs'), flags.ms('work') * NS_PER_MS),
};

/** Even numbers begin, and wake the one behind them. */
export function createPingpong(pairs: number, work: number): SimWorkload {
  const many = (cpus: number) => pairs || cpus;
  return {
    capacity: (cpus) => 2 * many(cpus),
    start(control) {
      for (let pair = 0; pair < many(control.cpus); pair += 1) {
        const cpu = pair % control.cpus;
        control.spawn({ burst: work, cpu });
        control.spawn({ burst: 1, cpu });
      }
    },
    next(task, control) {
      const begins = task % 2 === 1 && control.round(task) === 0;
      if (!begins) control.wake(task ^ 1);
      control.block(work);
    },
  };
}
