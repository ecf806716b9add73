import type { SimControl, SimWorkload } from '../workload.ts';
import { countFlag, NS_PER_MS, type SimWorkloadSource, timeFlag } from './source.ts';

export const requests: SimWorkloadSource = {
  name: 'requests',
  summary:
    'A server: short requests and a few long ones, at a given load; long ones have QoS class 0, short ones 1',
  flags: [
    countFlag('load', 'Percent of all CPUs that the requests need', 70, 200),
    countFlag('workers', 'Tasks that serve; 0: four times as many as CPUs', 0),
    timeFlag('short', 'Mean of a short request', '100us'),
    timeFlag('long', 'Mean of a long one', '10ms'),
    countFlag('long-percent', 'Percent of requests that are long', 1, 100),
  ],
  create: (flags) =>
    createRequests({
      ...{ load: flags.count('load') / 100, workers: flags.count('workers') },
      ...{ short: flags.ms('short') * NS_PER_MS, long: flags.ms('long') * NS_PER_MS },
      longShare: flags.count('long-percent') / 100,
    }),
};

interface RequestLoad {
  /** 1: as much as all CPUs together can do. */
  readonly load: number;
  readonly workers: number;
  /** ns */
  readonly short: number;
  readonly long: number;
  readonly longShare: number;
}

/** Each worker serves, then sleeps: together they bring the load. The times are distributed exponentially. */
function createRequests({ load, workers, short, long, longShare }: RequestLoad): SimWorkload {
  const many = (cpus: number) => workers || 4 * cpus;
  const mean = longShare * long + (1 - longShare) * short;
  const pause = ({ cpus, random }: SimControl) =>
    random.exponential(Math.max(1, (mean * many(cpus)) / Math.max(0.001, load * cpus) - mean));
  const draw = ({ random }: SimControl) => {
    const isLong = random.next() < longShare;
    return { qos: isLong ? 0 : 1, burst: random.exponential(isLong ? long : short) };
  };
  return {
    capacity: many,
    start(control) {
      for (let worker = 0; worker < many(control.cpus); worker += 1)
        control.spawn({ ...draw(control), asleep: pause(control) });
    },
    next(task, control) {
      const { qos, burst } = draw(control);
      control.setQos(task, qos);
      control.sleep(pause(control), burst);
    },
  };
}
