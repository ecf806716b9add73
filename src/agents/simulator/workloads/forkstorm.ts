import type { SimWorkload } from '../workload.ts';
import { countFlag, NS_PER_MS, type SimWorkloadSource, timeFlag } from './source.ts';

const KIND_PARENT = 1;
const KIND_CHILD = 2;

export const forkstorm: SimWorkloadSource = {
  name: 'forkstorm',
  summary: 'Tasks that make others which live for a moment: how fast they come and go',
  flags: [
    countFlag('threads', 'Tasks that fork; 0: as many as CPUs', 0),
    countFlag('children', 'How many of each live at a time', 8, 1000),
    timeFlag('work', 'Mean of what a child computes', '100us'),
  ],
  create: (flags) =>
    createForkstorm(flags.count('threads'), flags.count('children'), flags.ms('work') * NS_PER_MS),
};

const FORK_NS = 10_000;

function createForkstorm(threads: number, children: number, work: number): SimWorkload {
  const many = (cpus: number) => threads || cpus;
  return {
    capacity: (cpus) => many(cpus) * (1 + children),
    start(control) {
      for (let parent = 0; parent < many(control.cpus); parent += 1)
        control.spawn({ burst: FORK_NS, kind: KIND_PARENT });
    },
    next(task, control) {
      if (control.kind(task) === KIND_CHILD) {
        control.exit();
        return;
      }
      // When there is no room for more it waits a little, as for wait(2).
      const child = control.spawn({ burst: control.random.exponential(work), kind: KIND_CHILD });
      if (child < 0) control.sleep(work, FORK_NS);
      else control.compute(FORK_NS);
    },
  };
}
