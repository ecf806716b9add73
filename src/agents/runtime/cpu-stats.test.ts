import { describe, expect, it } from 'vitest';
import { cpuStats, cpuStatsTable } from './cpu-stats.ts';

const VALUES = [
  { dispatched: 3n, enqueued_global: 1n, run_ns: 2_500_000n },
  { dispatched: 0n, enqueued_global: 0n, run_ns: 0n },
  { dispatched: 4n, enqueued_global: 0n, run_ns: 500_000n },
];

describe('cpuStats', () => {
  it('names, numbers and adds up, and leaves out CPUs on which nothing happened', () => {
    expect(cpuStats(VALUES)).toEqual({
      perCpu: [
        { cpu: 0, dispatched: 3, enqueuedGlobal: 1, runNs: 2_500_000 },
        { cpu: 2, dispatched: 4, enqueuedGlobal: 0, runNs: 500_000 },
      ],
      totals: { dispatched: 7, enqueuedGlobal: 1, runNs: 3_000_000 },
    });
  });

  it('becomes a table with times in milliseconds', () => {
    expect(cpuStatsTable(cpuStats(VALUES)).split('\n')).toEqual([
      'cpu  dispatched  enqueuedGlobal  runMs',
      '  0           3               1    2.5',
      '  2           4               0    0.5',
      'all           7               1    3.0',
    ]);
  });
});
