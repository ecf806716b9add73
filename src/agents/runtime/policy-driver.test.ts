import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { definePolicy } from '../policy/define-policy.ts';
import { ANY_CPU, NONE, type Policy, type PolicyContext, RUN_FIRST, RUN_PREEMPT } from '../policy/policy.ts';
import type { TaskQueue } from '../policy/task-queue.ts';
import { createPolicyDriver } from './policy-driver.ts';
import { PolicyError } from './policy-error.ts';
import { DECISION_WORDS, EVENT, EVENT_KIND, EVENT_WORDS, MASK_WORDS } from './relay-records.ts';

const SLICE = 1000;
const CAPACITY = 16;

interface EventWords {
  readonly task?: number;
  readonly time?: number;
  readonly sequence?: number;
  readonly cpu?: number;
  readonly pid?: number;
  readonly weight?: number;
  readonly ran?: number;
  readonly runtime?: number;
}

type Kind = keyof typeof EVENT_KIND;

/** A driver without a kernel: `tell` gives what was decided. */
function rig(policy: (context: PolicyContext) => Partial<Policy>, { cpus = 4, room = 64 } = {}) {
  const heard: string[] = [];
  const sent: { task: number; sequence: number; cpu: number; flags: number; slice: number }[] = [];
  const masks = new Uint32Array(CAPACITY * MASK_WORDS).fill(0xffffffff);
  const decisions = new Uint32Array(room * DECISION_WORDS);
  let context: PolicyContext | undefined;
  const record = (name: string) => ({ [name]: (...args: number[]) => void heard.push(`${name}(${args})`) });
  const driver = createPolicyDriver({
    definition: definePolicy({
      summary: '',
      create(given) {
        context = given as PolicyContext;
        const names = [
          'taskNew',
          'taskRunnable',
          'taskPreempted',
          'taskYielded',
          'taskBlocked',
          'taskDeparted',
        ];
        names.push('taskDead', 'taskAffinityChanged', 'taskPriorityChanged', 'cpuIdle', 'cpuTick');
        return Object.assign({}, ...names.map(record), policy(context)) as Policy;
      },
    }),
    params: {},
    backend: {
      ...{ capacity: CAPACITY, cpuCount: cpus, masks, decisions },
      topology: { core: new Int32Array(cpus), cache: new Int32Array(cpus), node: new Int32Array(cpus) },
      hints: { deadline: (pid) => pid * 10, qos: (pid) => pid % 3 },
      flush(count) {
        for (let at = 0; at < count * DECISION_WORDS; at += DECISION_WORDS) {
          const [task = 0, sequence = 0, cpu = 0, flags = 0, low = 0, high = 0] = decisions.slice(at, at + 6);
          sent.push({ task, sequence, cpu: cpu | 0, flags, slice: low + high * 2 ** 32 });
        }
      },
    },
  });
  if (!context) throw new Error('create was not called');
  const tell = (...events: readonly [Kind, EventWords?][]) => {
    heard.length = 0;
    sent.length = 0;
    driver.handle(encode(events.map(([kind, words]) => [EVENT_KIND[kind], words ?? {}])), events.length);
    return sent.map((decision) => ({ ...decision }));
  };
  return { driver, tell, heard, sent, masks, context };
}

function encode(events: readonly [number, EventWords][]): Uint32Array {
  const words = new Uint32Array(events.length * EVENT_WORDS);
  events.forEach(([kind, event], index) => {
    const { task = 1, time = 5000, sequence = 1, cpu = 0, pid = 100 + task, weight = 100 } = event;
    const { ran = 0, runtime = 0 } = event;
    const at = index * EVENT_WORDS;
    const wide = (offset: number, value: number) =>
      words.set([value % 2 ** 32, value / 2 ** 32], at + offset);
    words.set([kind, task, sequence, cpu, pid, weight], at + EVENT.kind);
    wide(EVENT.time, time);
    wide(EVENT.ran, ran);
    wide(EVENT.runtime, runtime);
    words[at + EVENT.tgid] = pid;
  });
  return words;
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a policy driver', () => {
  it('tells the policy what happened, and which CPUs are idle at the start', () => {
    const { tell, heard } = rig(() => ({}), { cpus: 2 });
    tell(['new'], ['runnable']);
    expect(heard).toEqual(['cpuIdle(0)', 'cpuIdle(1)', 'taskNew(1)', 'taskRunnable(1)']);
    tell(['affinityChanged'], ['priorityChanged'], ['tick', { cpu: 1 }], ['departed'], ['heartbeat']);
    expect(heard).toEqual([
      'taskAffinityChanged(1)',
      'taskPriorityChanged(1)',
      'cpuTick(1)',
      'taskDeparted(1)',
    ]);
    tell(['new'], ['dead']);
    expect(heard).toEqual(['taskNew(1)', 'taskDead(1)']);
  });

  it('sends what the policy decides, with the sequence of the event', () => {
    const { tell } = rig(({ run }) => ({
      taskRunnable: (task) => run(task, task === 2 ? ANY_CPU : 3, 5e9, RUN_PREEMPT | RUN_FIRST),
    }));
    expect(
      tell(
        ['new'],
        ['runnable', { sequence: 7 }],
        ['new', { task: 2 }],
        ['runnable', { task: 2, sequence: 9 }],
      ),
    ).toEqual([
      { task: 1, sequence: 7, cpu: 3, flags: 3, slice: 5e9 },
      { task: 2, sequence: 9, cpu: -1, flags: 3, slice: 5e9 },
    ]);
  });

  it('makes an endless slice the largest number, and one below a nanosecond one', () => {
    const slices = [Number.POSITIVE_INFINITY, 0.25];
    const { tell } = rig(({ run }) => ({ taskRunnable: (task) => run(task, 0, slices.shift() ?? 1) }));
    expect(tell(['runnable'], ['runnable', { task: 2 }]).map(({ slice }) => slice)).toEqual([2 ** 64, 1]);
  });

  it('knows a turn from its end: what was preempted waits again, and its CPU is idle unless the policy fills it', () => {
    const { tell, heard, context } = rig(({ run }) => ({ taskRunnable: (task) => run(task, 2, SLICE) }));
    tell(['new'], ['runnable']);
    expect([context.cpus.pending(2), context.cpus.current(2)]).toEqual([1, 1]);
    tell(['preempted', { cpu: 2, ran: 500, runtime: 500, time: 6000 }]);
    expect(heard).toEqual(['taskPreempted(1,2)', 'cpuIdle(2)']);
    expect([context.tasks.ran(1), context.tasks.runtime(1), context.tasks.lastCpu(1)]).toEqual([500, 500, 2]);
    expect([context.tasks.isWaiting(1), context.tasks.runnableSince(1)]).toEqual([true, 6000]);
    expect([context.cpus.pending(2), context.cpus.current(2)]).toEqual([0, NONE]);
    context.run(1, 2, SLICE);
    tell(['yielded', { cpu: 2 }]);
    expect(heard).toEqual(['taskYielded(1,2)', 'cpuIdle(2)']);
    context.run(1, 2, SLICE);
    tell(['blocked', { cpu: 2 }]);
    expect(heard).toEqual(['taskBlocked(1,2)', 'cpuIdle(2)']);
  });

  it('offers a CPU to those who wait before it tells of the task that was sent there and ran elsewhere', () => {
    const { tell, heard } = rig(({ run }) => ({ taskRunnable: (task) => run(task, 1, SLICE) }), { cpus: 2 });
    tell(['new'], ['runnable']);
    tell(['preempted', { cpu: 0, sequence: 2, ran: 5 }]);
    expect(heard).toEqual(['cpuIdle(1)', 'taskPreempted(1,0)', 'cpuIdle(1)']);
  });

  it('does not call a CPU idle that the policy filled, or that has more to run', () => {
    const { tell, heard, context } = rig(({ run }) => ({
      taskRunnable: (task) => run(task, 0, SLICE),
      taskPreempted: (task) => run(task, 0, SLICE),
    }));
    tell(['runnable'], ['runnable', { task: 2 }], ['runnable', { task: 3 }]);
    expect([context.cpus.pending(0), context.cpus.current(0)]).toEqual([3, 3]);
    tell(['preempted'], ['blocked', { task: 3 }]);
    expect([context.cpus.pending(0), context.cpus.current(0)]).toEqual([2, 1]);
    expect(heard).toEqual(['taskBlocked(3,0)']);
  });

  it('says nothing of a waiting task that the kernel queued anew, but quotes the new sequence', () => {
    const { tell, heard, context } = rig(() => ({}));
    tell(['runnable', { sequence: 1 }]);
    tell(['runnable', { sequence: 2 }]);
    expect(heard).toEqual([]);
    context.run(1, 0, SLICE);
    expect(tell(['heartbeat'])[0]?.sequence).toBe(2);
  });

  it('takes a decision that came to nothing back: the task waits again', () => {
    const { tell, heard, context } = rig(({ run }) => ({
      taskNew: () => {},
      taskAffinityChanged: (task) => run(task, 1, SLICE),
    }));
    tell(['runnable'], ['affinityChanged']);
    tell(['runnable', { sequence: 2 }]);
    expect(heard).toEqual(['cpuIdle(1)', 'taskRunnable(1)', 'cpuIdle(1)']);
    expect(context.tasks.isWaiting(1)).toBe(true);
  });

  it('takes tasks that go, sleep or are run out of the queues', () => {
    let queue: TaskQueue | undefined;
    const { tell, context } = rig((given) => {
      queue = given.queue();
      return { taskRunnable: (task) => queue?.push(task) };
    });
    tell(['runnable'], ['runnable', { task: 2 }], ['runnable', { task: 3 }], ['runnable', { task: 4 }]);
    tell(['departed'], ['dead', { task: 2 }], ['blocked', { task: 3 }]);
    expect([queue?.length, queue?.peek()]).toEqual([1, 4]);
    context.run(4, 0, SLICE);
    expect(queue?.length).toBe(0);
    expect(context.tasks.count).toBe(2);
  });

  it('asks for decisions at the end of each batch, at timers, and as often as the room needs', () => {
    const waiting: number[] = [];
    const { driver, tell } = rig(
      ({ run, now }) => ({
        taskRunnable: (task) => void waiting.push(task),
        schedule: () => {
          for (const task of waiting.splice(0)) run(task, 0, now());
        },
        nextTimer: () => 9000,
      }),
      { room: 2 },
    );
    expect(
      tell(['runnable'], ['runnable', { task: 2 }], ['runnable', { task: 3 }]).map(({ task }) => task),
    ).toEqual([1, 2, 3]);
    expect(driver.nextTimer()).toBe(9000);
  });

  it('moves time forward at a timer, and never back', () => {
    const times: number[] = [];
    const { driver, tell } = rig(({ now }) => ({ schedule: () => void times.push(now()) }));
    tell(['new', { time: 5000 }], ['new', { task: 2, time: 4000 }]);
    driver.timer(2 ** 40);
    driver.timer(6000);
    expect(times).toEqual([5000, 2 ** 40, 2 ** 40]);
  });

  it('lets preempted tasks be runnable ones and yielded ones preempted, by default', () => {
    const seen: string[] = [];
    const { tell } = rig(() => ({
      taskRunnable: (task) => void seen.push(`runnable ${task}`),
      ...{
        taskPreempted: undefined as never,
        taskYielded: undefined as never,
        taskBlocked: undefined as never,
      },
      ...{ cpuIdle: undefined as never, taskNew: undefined as never },
    }));
    tell(['new'], ['preempted'], ['blocked'], ['yielded']);
    expect(seen).toEqual(['runnable 1', 'runnable 1']);
  });

  it('knows what tasks are', () => {
    const { tell, masks, context } = rig(() => ({}), { cpus: 3 });
    masks.set([0b110], 1 * MASK_WORDS);
    tell(['new', { pid: 42, weight: 244 }], ['new', { task: 2 }]);
    const { tasks, cpus } = context;
    expect([tasks.pid(1), tasks.tgid(1), tasks.weight(1), tasks.nice(1)]).toEqual([42, 42, 244, -4]);
    expect([tasks.deadline(1), tasks.qos(1)]).toEqual([420, 0]);
    expect([0, 1, 2, 3, -1].map((cpu) => tasks.allows(1, cpu))).toEqual([false, true, true, false, false]);
    expect([tasks.cpuCount(1), tasks.cpuCount(2), tasks.allowedCpu(1), tasks.allowedCpu(2)]).toEqual([
      2, 3, 1, 0,
    ]);
    expect(cpus.pickIdle(1)).toBe(1);
  });

  it('takes a new mask over with its event, not before', () => {
    const { tell, masks, context } = rig(() => ({}));
    tell(['new'], ['runnable']);
    masks.set([0b1000], 1 * MASK_WORDS);
    expect(context.tasks.allows(1, 0)).toBe(true);
    tell(['affinityChanged']);
    expect([context.tasks.allows(1, 0), context.tasks.allowedCpu(1)]).toEqual([false, 3]);
  });

  it('picks idle CPUs: the last one, then those behind it, none when all are taken', () => {
    const { tell, context } = rig(() => ({}), { cpus: 3 });
    const picked: number[] = [];
    for (let task = 1; task <= 4; task += 1) {
      tell(['runnable', { task, cpu: 1 }]);
      picked.push(context.cpus.pickIdle(task));
      if (task < 4) context.run(task, context.cpus.pickIdle(task), SLICE);
    }
    expect(picked).toEqual([1, 2, 0, NONE]);
  });

  it('keeps the last 64 decisions', () => {
    const { driver, tell, context } = rig(() => ({}));
    expect(driver.recentDecisions()).toEqual([]);
    tell(['runnable', { time: 77 }]);
    context.run(1, 2, SLICE);
    context.preempt(3);
    expect(driver.recentDecisions()).toEqual([
      { time: 77, task: 1, pid: 101, cpu: 2, slice: SLICE, flags: 0 },
      { time: 77, task: NONE, pid: NONE, cpu: 3, slice: 0, flags: 4 },
    ]);
    for (let index = 0; index < 100; index += 1) context.preempt(index % 4);
    expect(driver.recentDecisions()).toHaveLength(64);
  });
});

describe('a decision that cannot be', () => {
  it.each<[string, (context: PolicyContext) => void, string]>([
    ['of a task that is none', ({ run }) => run(9, 0, SLICE), 'run(9, 0, 1000): there is no task 9'],
    ['of a task out of range', ({ run }) => run(4e9, 0, SLICE), 'there is no task 4000000000'],
    ['of a fraction of a task', ({ run }) => run(1.5, 0, SLICE), 'there is no task 1.5'],
    ['of NaN', ({ run }) => run(Number.NaN, 0, SLICE), 'there is no task NaN'],
    ['of a sleeper', ({ run }) => run(2, 0, SLICE), 'task 2 (pid 102) sleeps'],
    [
      'made twice',
      ({ run }) => [0, 1].forEach((cpu) => void run(1, cpu, SLICE)),
      'task 1 (pid 101) was run already',
    ],
    ['for a CPU that is forbidden', ({ run }) => run(3, 1, SLICE), 'may not use CPU 1, only 0, 2'],
    ['for a CPU that does not exist', ({ run }) => run(1, 4, SLICE), 'there is no CPU 4; there are 0 to 3'],
    ['for a fraction of a CPU', ({ run }) => run(1, 0.5, SLICE), 'there is no CPU 0.5'],
    ['with a slice of NaN', ({ run }) => run(1, 0, Number.NaN), 'a slice is a positive number'],
    ['with a slice of 0', ({ run }) => run(1, 0, 0), 'a slice is a positive number'],
    ['with unknown flags', ({ run }) => run(1, 0, SLICE, 4), 'there are no flags 4'],
    ['to preempt a CPU that does not exist', ({ preempt }) => preempt(4), 'preempt(4): there is no such CPU'],
  ])('%s ends the policy', (_, decide, message) => {
    const { driver, tell, masks, sent } = rig((context) => ({ taskPriorityChanged: () => decide(context) }));
    masks.set([0b101], 3 * MASK_WORDS);
    tell(['runnable'], ['new', { task: 2 }], ['runnable', { task: 3 }]);
    const error = thrownBy(() => tell(['priorityChanged']));
    expect(error).toBeInstanceOf(PolicyError);
    expect(error).toMatchObject({ kind: 'agent', code: 'policy-failed' });
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toContain('taskPriorityChanged(1)');
    expect((error as PolicyError).location?.file).toBe(import.meta.filename);
    expect(sent).toEqual([]);
    // And it stays so.
    expect(thrownBy(() => driver.timer(1))).toBe(error);
    expect(thrownBy(() => driver.nextTimer())).toBe(error);
  });

  it('ends the policy even when it catches what was thrown', () => {
    const { tell } = rig(({ run }) => ({
      taskRunnable: () => {
        try {
          run(9, 0, SLICE);
        } catch {}
      },
    }));
    expect(thrownBy(() => tell(['runnable']))).toBeInstanceOf(PolicyError);
  });
});

describe('a policy that fails', () => {
  it.each<[string, () => Partial<Policy>, string]>([
    [
      'throws',
      () => ({
        taskNew: () => {
          throw new TypeError('oh');
        },
      }),
      'taskNew(1): TypeError: oh',
    ],
    [
      'throws what cannot be shown',
      () => ({
        taskNew: () => {
          throw Object.create(null);
        },
      }),
      'something that cannot be shown',
    ],
    [
      'throws in schedule',
      () => ({
        schedule: () => {
          throw new Error('no');
        },
      }),
      'schedule(): Error: no',
    ],
    [
      'throws in cpuIdle',
      () => ({
        cpuIdle: () => {
          throw new Error('no');
        },
      }),
      'cpuIdle(0): Error: no',
    ],
  ])('%s', (_, policy, message) => {
    const { tell } = rig(policy);
    const error = thrownBy(() => tell(['new']));
    expect(error).toBeInstanceOf(PolicyError);
    expect((error as Error).message).toContain(message);
  });

  it.each<[string, () => Partial<Policy>, string]>([
    [
      'throws in create',
      () => {
        throw new Error('not today');
      },
      'create(): Error: not today',
    ],
    [
      'has no taskRunnable',
      () => ({ taskRunnable: undefined as never }),
      'the policy has no method taskRunnable',
    ],
    [
      'has a method that is none',
      () => ({ cpuIdle: 5 as never }),
      'cpuIdle of the policy is number, not a method',
    ],
  ])('%s', (_, policy, message) => {
    const error = thrownBy(() => rig(policy));
    expect(error).toBeInstanceOf(PolicyError);
    expect((error as Error).message).toContain(message);
  });

  it('gives a timer that is no time', () => {
    const { driver } = rig(() => ({ nextTimer: () => Number.NaN }));
    expect(() => driver.nextTimer()).toThrow('nextTimer(): it gave NaN, not a time');
  });
});

describe('events that should not be', () => {
  it.each<[string, Uint32Array, number]>([
    ['a task out of range', encode([[EVENT_KIND.runnable, { task: CAPACITY }]]), 1],
    ['a CPU out of range', encode([[EVENT_KIND.runnable, { cpu: 4 }]]), 1],
    ['a negative CPU', encode([[EVENT_KIND.tick, { cpu: -1 }]]), 1],
    ['kind 0', encode([[0, {}]]), 1],
    ['an unknown kind', encode([[12, {}]]), 1],
    ['more than there are', encode([[EVENT_KIND.new, {}]]), 2],
    ['less than none', encode([]), -1],
  ])('%s: refused', (_, events, count) => {
    const { driver } = rig(() => ({}));
    const error = thrownBy(() => driver.handle(events, count));
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code: 'bad-event' });
  });

  it('lets a task be new that was never announced', () => {
    const { tell, heard } = rig(() => ({}));
    tell(['heartbeat']);
    tell(['blocked'], ['preempted', { task: 2 }], ['departed', { task: 3 }], ['dead', { task: 4 }]);
    expect(heard).toEqual(['taskNew(1)', 'taskNew(2)', 'taskPreempted(2,0)']);
  });

  it('lets a task be dead whose number has a new owner', () => {
    const { tell, heard, context } = rig(({ run }) => ({ taskRunnable: (task) => run(task, 3, SLICE) }));
    tell(['runnable', { pid: 50 }]);
    tell(['new', { pid: 51 }]);
    expect(heard).toEqual(['taskDead(1)', 'cpuIdle(3)', 'taskNew(1)']);
    tell(['runnable', { pid: 52 }]);
    expect(heard).toEqual(['taskDead(1)', 'taskNew(1)']);
    expect([context.tasks.count, context.cpus.pending(3)]).toEqual([1, 1]);
  });

  it('survives any events whatever, in bounded memory', () => {
    const { driver, context } = rig(({ queue, run, tasks, cpus }) => {
      const waiting = queue();
      return {
        taskRunnable: (task) => waiting.push(task),
        schedule: () => {
          while (waiting.length > 2) {
            const task = waiting.shift();
            run(task, tasks.allowedCpu(task), SLICE);
            if (cpus.pending(tasks.allowedCpu(task)) > CAPACITY) throw new Error('more than there are');
          }
        },
      };
    });
    let seed = 1;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed % below;
    };
    for (let round = 0; round < 3000; round += 1) {
      const events = Array.from({ length: 4 }, (): [number, EventWords] => [
        1 + random(11),
        { task: random(CAPACITY), cpu: random(4), pid: 100 + random(2), sequence: round, time: random(1e9) },
      ]);
      driver.handle(encode(events), 4);
      expect(context.tasks.count).toBeLessThanOrEqual(CAPACITY);
    }
    const pending = [0, 1, 2, 3].reduce((sum, cpu) => sum + context.cpus.pending(cpu), 0);
    expect(pending).toBeLessThanOrEqual(CAPACITY);
  });
});
