import { describe, expect, it } from 'vitest';
import { timelineChart } from './timeline-chart.ts';

describe('timelineChart', () => {
  const turns = [
    { cpu: 1, pid: 20, start: 0, end: 50 },
    { cpu: 0, pid: 10, start: 0, end: 31 },
    { cpu: 0, pid: 20, start: 60, end: 100 },
    { cpu: 0, pid: 30, start: 100, end: 200 },
    { cpu: 5, pid: 40, start: 0, end: 200 },
  ];

  it('draws for each CPU who had most of each moment, letters by first appearance', () => {
    const { rows, letters } = timelineChart(turns, { cpus: 2, width: 10, to: 100 });
    expect(rows).toEqual(['bbb...aaaa', 'aaaaa.....']);
    expect([...letters]).toEqual([
      ['a', 20],
      ['b', 10],
    ]);
  });

  it('runs out of letters gracefully', () => {
    const many = Array.from({ length: 70 }, (_, index) => ({
      cpu: 0,
      pid: index,
      start: index,
      end: index + 1,
    }));
    const { rows, letters } = timelineChart(many, { cpus: 1, width: 70, to: 70 });
    expect(rows[0]?.slice(60)).toBe('89########');
    expect(letters.size).toBe(62);
  });
});
