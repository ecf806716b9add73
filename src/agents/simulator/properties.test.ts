import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { POLICIES } from '../policies/policies.ts';
import { readParams } from '../policy/params.ts';
import { NONE } from '../policy/policy.ts';
import { type SimScript, type SimStep, scriptedWorkload } from './scripted-workload.ts';
import type { SimKernel } from './sim-kernel.ts';
import { TASK } from './sim-tasks.ts';
import { findSimWorkload } from './sim-workloads.ts';
import { type SimulationOptions, type SimulationResult, simulate } from './simulate.ts';
import { createPeriodic } from './workloads/periodic.ts';

const MS = 1e6;
const RUNS = 40;
const MAX_CPUS = 4;
const NAMES = Object.keys(POLICIES);

function run(
  name: string,
  options: Omit<SimulationOptions, 'definition' | 'params' | 'seed'> & { readonly seed?: number },
  flags: readonly string[] = [],
): SimulationResult {
  const definition = POLICIES[name];
  if (!definition) throw new Error(`there is no policy ${name}`);
  return simulate({
    seed: 1,
    ...options,
    definition,
    params: readParams(name, definition.params ?? {}, flags),
  });
}

const place = fc.nat(9);
const someCpus = fc.uniqueArray(fc.nat(MAX_CPUS - 1), { minLength: 1, maxLength: MAX_CPUS });
const time = fc.integer({ min: 1000, max: 8 * MS });
const step: fc.Arbitrary<SimStep> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('compute'), for: time }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sleep'), for: time }) },
  fc.record({ do: fc.constant('yield') }),
  fc.record({ do: fc.constant('depart'), for: time }),
  fc.record({ do: fc.constant('wake'), task: place }),
  fc.record({ do: fc.constant('set-nice'), task: place, nice: fc.integer({ min: -5, max: 5 }) }),
  fc.record({ do: fc.constant('set-cpus'), task: place, cpus: someCpus }),
);
const script: fc.Arbitrary<SimScript> = fc.record(
  {
    steps: fc.array(step, { maxLength: 8 }),
    asleep: fc.oneof(fc.constant(0), time),
    nice: fc.integer({ min: -5, max: 5 }),
    cpus: someCpus,
    qos: fc.nat(2),
    deadline: time,
  },
  { requiredKeys: ['steps'] },
);
/** CPUs, and tasks that name no other CPUs. */
const load = fc
  .tuple(fc.integer({ min: 1, max: MAX_CPUS }), fc.array(script, { minLength: 1, maxLength: 10 }))
  .map(([cpus, scripts]) => ({ cpus, scripts: scripts.map((each) => within(each, cpus)) }));

function within(given: SimScript, cpus: number): SimScript {
  const fold = (list: readonly number[]) => [...new Set(list.map((cpu) => cpu % cpus))];
  return {
    ...given,
    ...(given.cpus && { cpus: fold(given.cpus) }),
    steps: given.steps.map((each) => (each.do === 'set-cpus' ? { ...each, cpus: fold(each.cpus) } : each)),
  };
}

function running(kernel: SimKernel): number[] {
  return Array.from({ length: kernel.cpus }, (_, cpu) => kernel.running(cpu));
}

/** A CPU that is idle while a task waits that may run there. */
function wasted(kernel: SimKernel): string | undefined {
  for (const [cpu, task] of running(kernel).entries()) {
    if (task !== NONE) continue;
    for (let other = 0; other < kernel.tasks.highest; other += 1)
      if (kernel.waits(other) && kernel.tasks.allows(other, cpu))
        return `at ${kernel.now} ns task ${other} waits while CPU ${cpu} is idle`;
  }
  return undefined;
}

describe.each(NAMES)('%s', (name) => {
  const promises = POLICIES[name]?.promises ?? {};

  it('loses no task, runs none twice, and none where it may not run', () => {
    fc.assert(
      fc.property(load, fc.constantFrom(0, 20_000), ({ cpus, scripts }, agentLatencyNs) => {
        const result = run(name, {
          ...{ cpus, agentLatencyNs, durationNs: 1e12, workload: scriptedWorkload(scripts) },
          onSettled(kernel) {
            const now = running(kernel).filter((task) => task !== NONE);
            expect(new Set(now).size).toBe(now.length);
            for (const [cpu, task] of running(kernel).entries()) {
              if (task === NONE) continue;
              expect(kernel.tasks.state[task]).toBe(TASK.running);
              expect(kernel.tasks.allows(task, cpu)).toBe(true);
            }
          },
        });
        expect(result.tasksAlive).toBe(0);
        expect(result.tasksCreated).toBe(scripts.length);
      }),
      { numRuns: RUNS },
    );
  });

  if (promises.workConserving)
    it('lets no CPU be idle while a task waits that may run there', () => {
      const onSettled = (kernel: SimKernel) => expect(wasted(kernel)).toBeUndefined();
      fc.assert(
        fc.property(load, ({ cpus, scripts }) => {
          run(name, { cpus, durationNs: 1e12, workload: scriptedWorkload(scripts), onSettled });
        }),
        { numRuns: RUNS },
      );
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(), (cpus, seed) => {
          run(name, {
            cpus,
            seed,
            durationNs: 20 * MS,
            workload: findSimWorkload('churn').make([]),
            onSettled,
          });
        }),
        { numRuns: 4 },
      );
    });

  if (promises.noStarvation)
    it('lets nobody wait for ever, whatever the others do', () => {
      fc.assert(
        fc.property(load, ({ cpus, scripts }) => {
          const spinners = scripts.map((each): SimScript => {
            const steps = each.steps.filter((one) => one.do !== 'depart' && one.do !== 'set-nice');
            return { ...each, steps: [...steps, { do: 'compute', for: 8 * MS }], repeat: true };
          });
          const { metrics, longestWaitNs } = run(name, {
            ...{ cpus, durationNs: 2000 * MS, workload: scriptedWorkload(spinners) },
          });
          // Nice values from -5 to 5: the heaviest has nine times the time of the lightest.
          const bound = 10 * 20 * MS * spinners.length;
          expect(Math.max(longestWaitNs, metrics.waitUs.max * 1000)).toBeLessThan(Math.min(bound, 1000 * MS));
        }),
        { numRuns: 15 },
      );
    });

  if (promises.weights)
    it('shares a CPU out by weight', () => {
      const nices = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 5 });
      fc.assert(
        fc.property(nices, (values) => {
          const scripts = values.map(
            (nice): SimScript => ({ nice, steps: [{ do: 'compute', for: 1e9 }], repeat: true }),
          );
          const { metrics } = run(name, { cpus: 1, durationNs: 5e9, workload: scriptedWorkload(scripts) });
          const weights = values.map((nice) => 1.25 ** -nice);
          const whole = weights.reduce((sum, weight) => sum + weight, 0);
          for (const [index, weight] of weights.entries()) {
            const due = (5000 * weight) / whole;
            expect(Math.abs((metrics.perTask[index]?.ranMs ?? 0) - due)).toBeLessThan(60);
          }
        }),
        { numRuns: RUNS / 2 },
      );
    });

  it('does the same again with the same seed, to the byte', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: MAX_CPUS }), (seed, cpus) => {
        const once = () =>
          JSON.stringify(
            run(name, { cpus, seed, durationNs: 10 * MS, workload: findSimWorkload('churn').make([]) }),
          );
        expect(once()).toBe(once());
      }),
      { numRuns: 4 },
    );
  });
});

describe('first in, first out', () => {
  const arrivals = fc.uniqueArray(fc.integer({ min: 1, max: 20 * MS }), { minLength: 2, maxLength: 20 });
  const bursts = fc.array(fc.integer({ min: 1000, max: 10 * MS }), { minLength: 20, maxLength: 20 });

  it.each([
    ['fifo', ['--slice', 'infinite'], 1],
    ['fifo-centralized', ['--preemption-time-slice', 'infinite'], 1],
    ['fifo-centralized', ['--preemption-time-slice', 'infinite'], 3],
    ['sol', ['--slice', 'infinite'], 3],
  ] as const)('%s begins tasks in the order in which they came %j on %d CPUs', (name, flags, cpus) => {
    fc.assert(
      fc.property(arrivals, bursts, (times, lengths) => {
        const scripts = times.map((asleep, index): SimScript => {
          return { asleep, steps: [{ do: 'compute', for: lengths[index] as number }] };
        });
        const { timeline } = run(
          name,
          { cpus, durationNs: 1e10, workload: scriptedWorkload(scripts) },
          flags,
        );
        const began = new Map(timeline.map(({ pid, start }) => [pid - 1, start]));
        const came = [...times.keys()].sort((a, b) => (times[a] as number) - (times[b] as number));
        // Two may begin at the same time, on two CPUs.
        const inOrder = came.map((task) => began.get(task) ?? Number.NaN);
        expect(timeline).toHaveLength(times.length);
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
      }),
      { numRuns: RUNS },
    );
  });
});

describe('edf', () => {
  it('lets tasks with no deadline or the same one have their turns, whether they may use one CPU or all', () => {
    const spinner: SimScript = { steps: [{ do: 'compute', for: 1e9 }], repeat: true };
    const pinned = [0, 1].map((cpu): SimScript => ({ ...spinner, cpus: [cpu] }));
    const workload = scriptedWorkload([spinner, spinner, spinner, ...pinned]);
    const { longestWaitNs, metrics } = run('edf', { cpus: 2, durationNs: 3000 * MS, workload });
    expect(Math.max(longestWaitNs, metrics.waitUs.max * 1000)).toBeLessThan(500 * MS);
  });

  it('meets every deadline on one CPU when the tasks need no more than there is', () => {
    const task = fc.record({
      period: fc.integer({ min: 100_000, max: 50 * MS }),
      part: fc.integer({ min: 1, max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(task, { minLength: 1, maxLength: 8 }), (tasks) => {
        const parts = tasks.reduce((sum, { part }) => sum + part, 0);
        const workload = createPeriodic(() =>
          tasks.map(({ period, part }) => ({
            period,
            work: Math.max(1, Math.floor((period * part) / parts)),
          })),
        );
        const { deadlines, utilisation } = run('edf', { cpus: 1, durationNs: 300 * MS, workload });
        expect(deadlines?.missed).toBe(0);
        expect(utilisation).toBeGreaterThan(0.5);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a CPU that is left to the agent', () => {
  it.each(['fifo-centralized', 'shinjuku'])('runs only those that may use no other, under %s', (name) => {
    const spinner: SimScript = { steps: [{ do: 'compute', for: MS }], repeat: true };
    const scripts = [spinner, spinner, spinner, { ...spinner, cpus: [0] }, { ...spinner, cpus: [0, 1] }];
    const ran = (flags: readonly string[]) => {
      const workload = scriptedWorkload(scripts);
      const { timeline } = run(name, { cpus: 3, durationNs: 20 * MS, workload }, flags);
      return new Set(timeline.filter(({ cpu }) => cpu === 0).map(({ pid }) => pid));
    };
    const slice = ['--preemption-time-slice', '1ms'];
    expect([...ran([...slice, '--global-cpu', '0'])]).toEqual([4]);
    expect(ran(slice).size).toBeGreaterThan(1);
    // One that the machine does not have is nobody's.
    expect(ran([...slice, '--global-cpu', '64']).size).toBeGreaterThan(1);
  });
});

describe('cfs', () => {
  it('lets others have their turns when one of them yields', () => {
    const spinner: SimScript = { steps: [{ do: 'compute', for: 1e9 }], repeat: true };
    const yielder: SimScript = { steps: [{ do: 'compute', for: 10_000 }, { do: 'yield' }], repeat: true };
    const workload = scriptedWorkload([spinner, yielder, yielder]);
    const { metrics } = run('cfs', { cpus: 1, agentLatencyNs: 100_000, durationNs: 1000 * MS, workload });
    expect(metrics.perTask[0]?.ranMs).toBeGreaterThan(500);
  });

  it('lets those who were there before have their share when others come all the time', () => {
    const spinner: SimScript = { steps: [{ do: 'compute', for: 1e9 }], repeat: true };
    const comers = Array.from({ length: 1000 }, (_, index): SimScript => {
      return { asleep: (index + 1) * MS, steps: [{ do: 'compute', for: MS }] };
    });
    const workload = scriptedWorkload([spinner, ...comers]);
    const { longestWaitNs, metrics } = run('cfs', { cpus: 1, durationNs: 1000 * MS, workload });
    expect(Math.max(longestWaitNs, metrics.waitUs.max * 1000)).toBeLessThan(100 * MS);
  });
});

describe('shinjuku', () => {
  it('passes nobody by, however much longer than a turn a decision is on its way', () => {
    const spinner: SimScript = { steps: [{ do: 'compute', for: 1e9 }], repeat: true };
    for (const agentLatencyNs of [0, 60_000, 200_000, 1 * MS]) {
      const workload = scriptedWorkload(Array.from({ length: 6 }, () => spinner));
      const { jain } = run('shinjuku', { cpus: 1, agentLatencyNs, durationNs: 300 * MS, workload });
      expect(jain).toBeGreaterThan(0.95);
    }
  });

  it('lets a higher class wait for no lower one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 * MS }), { minLength: 1, maxLength: 6 }),
        (arrivals) => {
          const spinner: SimScript = { steps: [{ do: 'compute', for: 1e9 }], repeat: true };
          const important = arrivals.map((asleep): SimScript => {
            return { asleep: asleep + 1, qos: 1, steps: [{ do: 'compute', for: 100_000 }] };
          });
          const workload = scriptedWorkload([spinner, spinner, spinner, ...important]);
          const { timeline, tasksAlive } = run('shinjuku', { cpus: 1, durationNs: 30 * MS, workload });
          // From the first to come until the last is done, nobody else runs but when all of them are.
          expect(tasksAlive).toBe(3);
          for (const [index, asleep] of arrivals.entries()) {
            const end = Math.max(...timeline.filter(({ pid }) => pid === 4 + index).map((turn) => turn.end));
            const lower = timeline.filter(
              ({ pid, start, end: to }) => pid <= 3 && start < end && to > asleep + 1,
            );
            expect(lower).toEqual([]);
          }
        },
      ),
      { numRuns: RUNS },
    );
  });
});
