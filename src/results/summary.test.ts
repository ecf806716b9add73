import { describe, expect, it } from 'vitest';
import type { DevboxEvent } from '../core/event.ts';
import type { Verdict } from '../core/verdict.ts';
import { summarise } from './summary.ts';
import { summaryLines } from './summary-lines.ts';

const VERDICT: Verdict = { kind: 'passed', summary: 'All went well.', evidence: [], findings: [] };
const text = (events: readonly DevboxEvent[]) =>
  summaryLines(summarise(events))
    .map((line) => line.text)
    .join('\n');
const report = (from: 'agent' | 'workload', body: Record<string, unknown>): DevboxEvent => ({
  t: 5,
  type: 'report',
  from,
  report: body,
});

describe('the summary', () => {
  it('shows the last counters of the agent for each CPU, with their sums', () => {
    const stats = (dispatched: number) =>
      report('agent', {
        type: 'agent-stats',
        perCpu: [
          { cpu: 0, dispatched, enqueuedLocal: 7, runNs: 1.5e9 },
          { cpu: 3, dispatched: 1, enqueuedLocal: 0, runNs: 0 },
        ],
      });
    expect(text([stats(1), stats(12_345)])).toContain(
      [
        'Dispatched per CPU',
        '  CPU  dispatched  enqueued local  run ms',
        '  0        12,345               7   1,500',
        '  3             1               0       0',
        '  all      12,346               7   1,500',
      ].join('\n'),
    );
  });

  it('shows what the workload measured, in the unit that the name ends in', () => {
    const result = report('workload', {
      type: 'workload-result',
      workload: 'demo',
      durationMs: 1003.2,
      contextSwitches: 35_697,
      wakeupLatencyUs: { samples: 33_330, p50: 2.239, p99: 340.8, max: 6182.9 },
      perCpu: [{ cpu: 0 }],
    });
    expect(text([result])).toContain(
      [
        'Measured by demo',
        '  wakeup latency    p50 2.2 µs, p99 341 µs, max 6.2 ms (33,330 samples)',
        '  duration          1.0 s',
        '  context switches  35,697',
      ].join('\n'),
    );
  });

  it('shows what the runtime of a policy measured, and believes no more of it than it can read', () => {
    const metrics = report('agent', {
      type: 'policy-metrics',
      latencyUs: { p50: 2.5, p90: 12, p99: 90, p999: 1200, max: 2e6, mean: 'x', samples: 1234 },
      waitUs: { p50: 0, samples: 0 },
      ranUs: 7,
      turns: 2000,
      fallbacks: 3,
      perCpu: [
        { cpu: 0, samples: 1000, p50: 2.5, p99: 80, max: 90, ranMs: 1500.4, turns: 1500 },
        { cpu: 1, samples: 234, p50: 2, p99: 60, max: 2e6, ranMs: 99, turns: 500 },
        'nonsense',
      ],
    });
    expect(text([metrics])).toContain(
      [
        'Measured by the agent',
        '  wake-up latency  p50 2.5 µs, p90 12 µs, p99 90 µs, p99.9 1.2 ms, max 2.0 s (1,234 samples)',
        '  wait for a CPU   never',
        '  turns            2,000, 3 of them given by the kernel side by itself',
        '  CPU  turns  ran ms  wake-ups  latency p50    p99    max',
        '  0    1,500   1,500     1,000       2.5 µs  80 µs  90 µs',
        '  1      500      99       234       2.0 µs  60 µs  2.0 s',
      ].join('\n'),
    );
  });

  it('says how to run it again, as one would type it', () => {
    const started: DevboxEvent = {
      t: 0,
      type: 'run-started',
      schema: 1,
      runId: 'id',
      startedAt: '',
      devbox: '0',
      command: ['run', '--workload', 'sleep 1', 'fifo'],
    };
    expect(text([started, { t: 9, type: 'verdict', verdict: VERDICT }])).toContain(
      "again    devbox run --workload 'sleep 1' fifo",
    );
  });

  it('quotes evidence up to a point, findings, files and the hint', () => {
    const verdict: Verdict = {
      kind: 'scheduler-ejected',
      summary: 'Stalled.',
      evidence: Array.from({ length: 40 }, (_, index) => `line ${index}`),
      findings: [{ kind: 'warning', title: 'WARNING: at kernel/x.c', lines: [], t: 1 }],
      files: ['hang-record.txt'],
      hint: 'Look for a lost task.',
      schedulerExit: {
        kind: 1026,
        kindName: 'error-stall',
        exitCode: '0',
        reason: 'runnable task stall',
        message: 'x[1]',
        dump: '',
      },
    };
    const shown = text([{ t: 1, type: 'verdict', verdict }]);
    expect(shown).toContain('scheduler-ejected: Stalled.\n  │ line 0\n');
    expect(shown).toContain('line 29\n  │ … 10 more lines in the record\n');
    expect(shown).toContain('  scheduler exit: error-stall, runnable task stall: x[1]\n');
    expect(shown).toContain(
      '  kernel warning: WARNING: at kernel/x.c\n  see hang-record.txt in the record\n  hint: Look for a lost task.',
    );
  });

  it('keeps no more than it can show of a guest that reports without end', () => {
    const events = Array.from({ length: 1000 }, (_, index) =>
      report('workload', { type: 'workload-result', workload: `w${index}`, [`n${index}`]: index }),
    );
    expect(summarise(events).figures).toHaveLength(32);
  });

  it('leaves out reports that are not what they should be', () => {
    const bad = [null, 1, 'x', [], {}, { perCpu: 1 }, { perCpu: [null, 'x'] }].map((body) =>
      report('agent', { type: 'agent-stats', ...(typeof body === 'object' ? body : { body }) }),
    );
    expect(summarise([...bad, report('workload', { type: 'workload-result', workload: 7 })])).toMatchObject({
      figures: [],
    });
    expect(summarise(bad)).not.toHaveProperty('stats');
  });
});
