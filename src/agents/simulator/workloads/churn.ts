import type { CpuId, TaskId } from '../../policy/policy.ts';
import type { SimControl, SimWorkload } from '../workload.ts';
import { countFlag, NS_PER_MS, type SimWorkloadSource, timeFlag } from './source.ts';

export const churn: SimWorkloadSource = {
  name: 'churn',
  summary:
    'Tasks that change their affinity and nice values, leave the scheduler and come back, fork and end',
  flags: [
    countFlag('threads', 'How many there are at a time; 0: four times as many as CPUs', 0),
    timeFlag('work', 'Mean of what each computes before it does something', '500us'),
  ],
  create: (flags) => createChurn(flags.count('threads'), flags.ms('work') * NS_PER_MS),
};

function createChurn(threads: number, work: number): SimWorkload {
  const many = (cpus: number) => threads || 4 * cpus;
  const burst = ({ random }: SimControl) => random.exponential(work);

  function act(task: TaskId, control: SimControl): void {
    const { random } = control;
    switch (random.below(9)) {
      case 0:
        control.sleep(random.exponential(work), burst(control));
        return;
      case 1:
        control.yield(burst(control));
        return;
      case 2:
        control.depart(random.exponential(work), burst(control));
        return;
      case 3:
        control.setNice(task, random.below(40) - 20);
        control.compute(burst(control));
        return;
      case 4:
        control.setCpus(task, someCpus(control));
        control.compute(burst(control));
        return;
      case 5: {
        // Somebody else's, wherever that is just now.
        const other = random.below(many(control.cpus));
        if (control.isThere(other)) control.setCpus(other, someCpus(control));
        control.compute(burst(control));
        return;
      }
      case 6:
        control.exit();
        return;
      default:
        control.spawn({ burst: burst(control), nice: random.below(20), cpus: someCpus(control) });
        control.sleep(random.exponential(work), burst(control));
        return;
    }
  }

  return {
    capacity: many,
    start(control) {
      for (let task = 0; task < many(control.cpus); task += 1)
        control.spawn({ burst: burst(control), nice: control.random.below(20) });
    },
    next: act,
  };
}

/** One, two or many. */
function someCpus({ random, cpus }: SimControl): readonly CpuId[] {
  const first = random.below(cpus);
  const length = [1, 2, cpus][random.below(3)] as number;
  return Array.from({ length }, (_, index) => (first + index) % cpus);
}
