import type { SimWorkload } from '../workload.ts';
import { countFlag, type SimWorkloadSource } from './source.ts';

const BURST_NS = 1e9;
const PAIR_WORK_NS = 20_000;
const KIND_PAIR = 1;

export const demo: SimWorkloadSource = {
  name: 'demo',
  summary:
    'More spinning tasks than CPUs, and pairs that wake each other: what a scheduler does under mixed load',
  flags: [
    countFlag('threads', 'Spinning tasks; 0: half as many again as CPUs', 0),
    countFlag('pairs', 'Pairs that wake each other; 0: half as many as CPUs', 0),
  ],
  create: (flags) => createDemo(flags.count('threads'), flags.count('pairs')),
};

function createDemo(threads: number, pairs: number): SimWorkload {
  const manyPairs = (cpus: number) => pairs || Math.max(1, cpus >> 1);
  const manyThreads = (cpus: number) => threads || cpus + (cpus >> 1);
  return {
    capacity: (cpus) => 2 * manyPairs(cpus) + manyThreads(cpus),
    start(control) {
      // The first numbers are pairs: 0 and 1, 2 and 3.
      for (let pair = 0; pair < manyPairs(control.cpus); pair += 1) {
        const cpu = pair % control.cpus;
        control.spawn({ burst: PAIR_WORK_NS, kind: KIND_PAIR, cpu });
        control.spawn({ burst: 1, kind: KIND_PAIR, cpu });
      }
      for (let thread = 0; thread < manyThreads(control.cpus); thread += 1)
        control.spawn({ burst: BURST_NS });
    },
    next(task, control) {
      if (control.kind(task) !== KIND_PAIR) {
        control.compute(BURST_NS);
        return;
      }
      const begins = task % 2 === 1 && control.round(task) === 0;
      if (!begins) control.wake(task ^ 1);
      control.block(PAIR_WORK_NS);
    },
  };
}
