import type { SimWorkload } from '../workload.ts';
import { countFlag, type SimWorkloadSource } from './source.ts';

const BURST_NS = 1e9;

export const spin: SimWorkloadSource = {
  name: 'spin',
  summary: 'Tasks that only compute: how the CPUs are shared out',
  flags: [
    countFlag('threads', 'Tasks; 0: twice as many as CPUs', 0),
    countFlag('nice-levels', 'Nice values that they have in turn, from 0 up', 1, 20),
    countFlag('pinned', 'Tasks that may use CPU 0 only', 0),
  ],
  create: (flags) =>
    createSpin({
      threads: flags.count('threads'),
      levels: flags.count('nice-levels'),
      pinned: flags.count('pinned'),
    }),
};

function createSpin({
  threads,
  levels,
  pinned,
}: Record<'threads' | 'levels' | 'pinned', number>): SimWorkload {
  const tasks = (cpus: number) => threads || 2 * cpus;
  return {
    capacity: (cpus) => tasks(cpus) + pinned,
    start(control) {
      for (let index = 0; index < tasks(control.cpus); index += 1)
        control.spawn({ burst: BURST_NS, nice: levels === 0 ? 0 : index % levels });
      for (let index = 0; index < pinned; index += 1) control.spawn({ burst: BURST_NS, cpus: [0] });
    },
    next: (_, control) => control.compute(BURST_NS),
  };
}
