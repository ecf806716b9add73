import { findPolicy } from '../../src/agents/policies/policies.ts';
import { readParams } from '../../src/agents/policy/params.ts';
import { EVENT_WORDS } from '../../src/agents/runtime/relay-records.ts';
import { simulate } from '../../src/agents/simulator/simulate.ts';
import type { SimWorkload } from '../../src/agents/simulator/workload.ts';

export const CPUS = 8;
export const TASKS = 64;
/** Events that the runtime is given at a time. */
export const BATCH = 64;
const ROUNDS = 3000;

/** What a ring of the kernel would have held: all events of tasks from their beginning to their end. */
export interface Recording {
  readonly events: Uint32Array;
  readonly count: number;
}

/** Tasks that compute and sleep, at nine tenths of what the CPUs can do, so that some find a CPU idle and others wait. */
const workload: SimWorkload = {
  capacity: () => TASKS,
  start({ spawn, random }) {
    for (let task = 0; task < TASKS; task += 1) spawn({ burst: random.exponential(WORK_NS) });
  },
  next(task, control) {
    const { random } = control;
    if (control.round(task) === ROUNDS) control.exit();
    else control.sleep(random.exponential(PAUSE_NS), random.exponential(WORK_NS));
  },
};
const WORK_NS = 100_000;
const PAUSE_NS = (WORK_NS * TASKS) / (0.95 * CPUS) - WORK_NS;

export function record(): Recording {
  const definition = findPolicy('fifo');
  const params = readParams('policy fifo', definition.params ?? {}, []);
  let events = new Uint32Array(1024 * EVENT_WORDS);
  let count = 0;
  simulate({
    ...{ definition, params, cpus: CPUS, workload, seed: 1, durationNs: 1e12 },
    onEvents(batch, added) {
      while ((count + added) * EVENT_WORDS > events.length) {
        const larger = new Uint32Array(events.length * 2);
        larger.set(events);
        events = larger;
      }
      events.set(batch.subarray(0, added * EVENT_WORDS), count * EVENT_WORDS);
      count += added;
    },
  });
  return { events: events.slice(0, count * EVENT_WORDS), count };
}
