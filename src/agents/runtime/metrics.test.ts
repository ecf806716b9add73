import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';
import { metricsText } from './metrics-text.ts';
import { EVENT, EVENT_FLAG_FALLBACK, EVENT_KIND, EVENT_WORDS } from './relay-records.ts';

interface Turn {
  readonly task?: number;
  readonly cpu?: number;
  readonly ran?: number;
  readonly waited?: number;
  readonly flags?: number;
}

function rig(maxTasks = 64) {
  const metrics = createMetrics({ capacity: 8, cpuCount: 4, maxTasks });
  const tell = (
    kind: keyof typeof EVENT_KIND,
    { task = 0, cpu = 0, ran = 0, waited = 0, flags = 0 }: Turn = {},
  ) => {
    const words = new Uint32Array(2 * EVENT_WORDS);
    words[EVENT_WORDS + EVENT.kind] = EVENT_KIND[kind];
    words[EVENT_WORDS + EVENT.task] = task;
    words[EVENT_WORDS + EVENT.cpu] = cpu;
    words[EVENT_WORDS + EVENT.pid] = 100 + task;
    words[EVENT_WORDS + EVENT.ran] = ran;
    words[EVENT_WORDS + EVENT.waited] = waited;
    words[EVENT_WORDS + EVENT.flags] = flags;
    metrics.event(words, EVENT_WORDS);
  };
  return { tell, summary: () => metrics.summary(), metrics };
}

describe('metrics', () => {
  it('tells the latency of a wake-up from the wait after a preemption', () => {
    const { tell, summary } = rig();
    tell('new');
    tell('runnable');
    tell('preempted', { ran: 20_000, waited: 1000 });
    tell('blocked', { ran: 10_000, waited: 5000 });
    const { latencyUs, waitUs, ranUs, turns } = summary();
    expect(latencyUs).toEqual({ p50: 1, p90: 1, p99: 1, p999: 1, max: 1, mean: 1, samples: 1 });
    expect([waitUs.samples, waitUs.max, waitUs.mean]).toEqual([2, 5, 3]);
    expect([ranUs.samples, ranUs.max, turns]).toEqual([2, 20, 2]);
  });

  it('adds up for each CPU and each task', () => {
    const { tell, summary } = rig();
    for (const task of [1, 2]) tell('runnable', { task });
    tell('blocked', { task: 1, cpu: 3, ran: 2e6, waited: 100 });
    tell('yielded', { task: 2, cpu: 3, ran: 1e6, waited: 300, flags: EVENT_FLAG_FALLBACK });
    expect(summary().perCpu).toEqual([
      { cpu: 3, samples: 2, p50: 0.1, p99: 0.3, max: 0.3, ranMs: 3, turns: 2 },
    ]);
    expect(summary().perTask).toEqual([
      { pid: 101, tgid: 0, samples: 1, p50: 0.1, p99: 0.1, max: 0.1, ranMs: 2, turns: 1 },
      { pid: 102, tgid: 0, samples: 1, p50: 0.3, p99: 0.3, max: 0.3, ranMs: 1, turns: 1 },
    ]);
    expect(summary().fallbacks).toBe(1);
  });

  it('keeps some tasks apart and counts the rest', () => {
    const { tell, summary } = rig(2);
    for (const task of [1, 2, 3, 4, 4]) tell('blocked', { task, ran: 1 });
    // The number belongs to another task now.
    tell('new', { task: 1 });
    tell('blocked', { task: 1, ran: 1 });
    expect([summary().perTask.map(({ pid }) => pid), summary().tasksLeftOut]).toEqual([[101, 102], 3]);
    expect(summary().turns).toBe(6);
  });

  it('counts no turn for a task that was only queued anew', () => {
    const { tell, summary } = rig();
    tell('preempted', { ran: 0 });
    expect(summary().turns).toBe(0);
  });

  it('is a table for people', () => {
    const { tell, metrics } = rig();
    tell('runnable');
    tell('blocked', { ran: 2_500_000, waited: 850, flags: EVENT_FLAG_FALLBACK });
    expect(metricsText(metrics.summary())).toBe(
      [
        '                       p50       p90       p99     p99.9       max      mean   samples',
        'wake-up latency     0.85us    0.85us    0.85us    0.85us    0.85us    0.85us         1',
        'wait of a turn      0.85us    0.85us    0.85us    0.85us    0.85us    0.85us         1',
        'length of a turn    2.50ms    2.50ms    2.50ms    2.50ms    2.50ms    2.50ms         1',
        '1 turns on 1 CPUs, 1 of them given by the kernel side itself',
      ].join('\n'),
    );
  });
});
