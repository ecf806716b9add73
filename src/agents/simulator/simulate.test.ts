import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { POLICIES } from '../policies/policies.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { readParams } from '../policy/params.ts';
import { ANY_CPU, type Policy, type PolicyContext, RUN_FIRST, RUN_PREEMPT } from '../policy/policy.ts';
import { PolicyError } from '../runtime/policy-error.ts';
import { type SimScript, scriptedWorkload } from './scripted-workload.ts';
import { findSimWorkload, SIM_WORKLOADS } from './sim-workloads.ts';
import { type SimulationOptions, simulate } from './simulate.ts';

const MS = 1e6;
const spinner: SimScript = { steps: [{ do: 'compute', for: 100 * MS }], repeat: true };

/** Runs a policy of a few lines on tasks that follow scripts. */
function run(
  create: (context: PolicyContext) => Policy,
  scripts: readonly SimScript[],
  options: Partial<SimulationOptions> = {},
) {
  return simulate({
    definition: definePolicy({ summary: '', create: (context) => create(context as PolicyContext) }),
    ...{ params: {}, cpus: 1, seed: 1, durationNs: 10 * MS, workload: scriptedWorkload(scripts) },
    ...options,
  });
}

/** Who ran when, in milliseconds. */
function turns({ timeline }: ReturnType<typeof simulate>): string[] {
  return timeline.map(({ cpu, pid, start, end }) => `${cpu}: ${pid} ${start / MS}-${end / MS}`);
}

describe('the simulator', () => {
  it('gives a task its slice, and the CPU to the next in its queue', () => {
    const result = run(({ run }) => ({ taskRunnable: (task) => run(task, 0, 2 * MS) }), [spinner, spinner]);
    expect(turns(result)).toEqual(['0: 1 0-2', '0: 2 2-4', '0: 1 4-6', '0: 2 6-8', '0: 1 8-10']);
    expect(result).toMatchObject({ utilisation: 1, contextSwitches: 5, preemptions: 0, tasksAlive: 2 });
    expect(result.longestWaitNs).toBe(2 * MS);
  });

  it('lets RUN_FIRST overtake those that wait, and RUN_PREEMPT the one that runs', () => {
    const sleeper: SimScript = { steps: [{ do: 'compute', for: MS - 1000 }], asleep: 3 * MS };
    const order = (flags: number) =>
      turns(
        run(
          ({ run, tasks }) => ({
            taskRunnable: (task) => run(task, 0, 4 * MS, tasks.pid(task) === 3 ? flags : 0),
          }),
          [spinner, spinner, sleeper],
        ),
      );
    expect(order(0)).toEqual(['0: 1 0-4', '0: 2 4-8', '0: 3 8-9', '0: 1 9-10']);
    expect(order(RUN_FIRST)).toEqual(['0: 1 0-4', '0: 3 4-5', '0: 2 5-9', '0: 1 9-10']);
    expect(order(RUN_PREEMPT)).toEqual(['0: 1 0-3', '0: 3 3-4', '0: 2 4-8', '0: 1 8-10']);
  });

  it('runs tasks that were sent to any CPU where they may run', () => {
    const pinned: SimScript = { ...spinner, cpus: [1] };
    const result = run(
      ({ run }) => ({ taskRunnable: (task) => run(task, ANY_CPU, 5 * MS) }),
      [pinned, pinned, spinner],
      {
        cpus: 2,
      },
    );
    expect(turns(result)).toEqual(['1: 1 0-5', '0: 3 0-10', '1: 2 5-10']);
  });

  it('takes the CPU away when the policy wants that, at the time that it asked for', () => {
    const result = run(
      ({ run, preempt, now }) => {
        let at = 3 * MS;
        return {
          taskRunnable: (task) => run(task, 0, Number.POSITIVE_INFINITY),
          schedule() {
            if (now() < at) return;
            preempt(0);
            at = Number.POSITIVE_INFINITY;
          },
          nextTimer: () => at,
        };
      },
      [spinner, spinner],
    );
    expect(turns(result)).toEqual(['0: 1 0-3', '0: 2 3-10']);
    expect(result.preemptions).toBe(1);
  });

  it('moves a task off a CPU that is forbidden now', () => {
    const mover: SimScript = {
      steps: [
        { do: 'compute', for: 4 * MS - 1000 },
        { do: 'set-cpus', task: 1, cpus: [0] },
        { do: 'compute', for: 100 * MS },
      ],
    };
    const result = run(
      ({ run, tasks }) => ({ taskRunnable: (task) => run(task, tasks.allowedCpu(task), 5 * MS) }),
      [mover, { ...spinner, cpu: 1 }],
      { cpus: 2 },
    );
    expect(turns(result)).toEqual(['1: 2 0-4', '0: 1 0-5', '0: 2 5-10']);
  });

  it('ignores decisions that come too late', () => {
    const meddler: SimScript = {
      steps: [
        { do: 'compute', for: MS - 1000 },
        { do: 'set-cpus', task: 1, cpus: [1] },
      ],
      cpus: [0],
    };
    const result = run(
      ({ run, tasks }) => ({ taskRunnable: (task) => run(task, tasks.allowedCpu(task), 5 * MS) }),
      [meddler, { ...spinner, cpu: 0, asleep: MS + 1000 }],
      { cpus: 2, agentLatencyNs: 2000, durationNs: 2 * MS },
    );
    expect([result.staleDecisions, turns(result)]).toEqual([1, ['0: 1 0.002-1.002', '1: 2 1.005-2']]);
  });

  it('wakes, yields, departs, comes back and ends', () => {
    const heard: string[] = [];
    const say = (name: string) => (task: number) => void heard.push(`${name} ${task}`);
    const result = run(
      ({ run }) => ({
        taskNew: say('new'),
        taskRunnable: (task) => {
          say('runnable')(task);
          run(task, 0, MS);
        },
        taskYielded: (task) => {
          say('yielded')(task);
          run(task, 0, MS);
        },
        ...{ taskBlocked: say('blocked'), taskDeparted: say('departed'), taskDead: say('dead') },
      }),
      [{ steps: [{ do: 'yield' }, { do: 'sleep', for: MS }, { do: 'depart', for: MS }] }],
    );
    expect(heard).toEqual([
      ...['new 0', 'runnable 0', 'yielded 0', 'blocked 0', 'runnable 0', 'departed 0'],
      ...['new 0', 'runnable 0', 'blocked 0', 'dead 0'],
    ]);
    expect(result).toMatchObject({ tasksCreated: 1, tasksAlive: 0, durationNs: 2 * MS + 4000 });
  });

  it('ends a policy that never lets time pass', () => {
    const error = (() => {
      try {
        return run(
          ({ run, preempt }) => ({
            taskRunnable: (task) => run(task, 0, MS),
            taskPreempted: (task) => run(task, 0, MS),
            schedule: () => preempt(0),
          }),
          [spinner],
        );
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code: 'no-progress' });
  });

  it('says where a policy went wrong', () => {
    expect(() => run(({ run }) => ({ taskRunnable: (task) => run(task + 1, 0, 1) }), [spinner])).toThrow(
      PolicyError,
    );
  });

  it('keeps a bounded timeline', () => {
    const result = run(({ run }) => ({ taskRunnable: (task) => run(task, 0, MS) }), [spinner, spinner], {
      timelineTurns: 3,
    });
    expect([result.timeline.length, result.timelineLeftOut]).toEqual([3, 7]);
  });
});

describe('simulated workloads', () => {
  it.each(SIM_WORKLOADS.map(({ name }) => name))('%s runs, the same way for the same seed', (name) => {
    const { definition, params } = {
      definition: POLICIES.fifo,
      params: readParams('policy fifo', POLICIES.fifo?.params ?? {}, []),
    };
    if (!definition) throw new Error('fifo is missing');
    const once = (seed: number) =>
      simulate({
        ...{ definition, params, cpus: 4, seed, durationNs: 30 * MS },
        workload: findSimWorkload(name).make(name === 'many' ? ['--threads', '200'] : []),
      });
    const first = once(7);
    expect(first.metrics.turns).toBeGreaterThan(0);
    expect(JSON.stringify(once(7))).toBe(JSON.stringify(first));
  });

  it('refuses names and flags that do not exist', () => {
    expect(() => findSimWorkload('spim')).toThrow(
      'There is no simulated workload "spim". Did you mean "spin"?',
    );
    expect(() => findSimWorkload('spin').make(['--thread', '3'])).toThrow(
      'The workload spin has no flag --thread.',
    );
  });
});
