import { describe, expect, it } from 'vitest';
import { POLICIES } from '../agents/policies/policies.ts';
import { simulatePolicy } from '../agents/simulator/simulate-policy.ts';
import { simulationText } from './simulation-text.ts';

const fifo = POLICIES.fifo as NonNullable<(typeof POLICIES)[string]>;
const labels = { name: 'fifo', workload: 'spin', timelineNs: 20e6 };

describe('the text of a simulation', () => {
  it('has the figures, and draws who ran where', () => {
    const options = { smp: 2, workload: 'spin: --threads 2', duration: '100ms', params: { slice: '5ms' } };
    const text = simulationText(simulatePolicy(fifo, options), labels);
    expect(text).toMatch(/^fifo on 2 simulated CPUs, spin, seed 1, 100 ms\n/);
    expect(text).toMatch(/ {2}utilisation +100\.0 %\n/);
    expect(text).toMatch(/ {2}fairness +1\.000 \(Jain\)/);
    expect(text).toMatch(
      /The first 20 ms; a column is 250 µs\n {2}CPU 0 {2}([ab])\1{79}\n {2}CPU 1 {2}([ab])\2{79}\n/,
    );
  });

  it('draws no more than asked for, and leaves CPUs out that have no room', () => {
    const result = simulatePolicy(fifo, { smp: 100, duration: '10ms' });
    const text = simulationText(result, { ...labels, timelineNs: 5e6 });
    expect(text).toContain('… 68 CPUs more');
    expect(text.match(/^ {2}CPU /gm)).toHaveLength(32);
    expect(simulationText(result, { ...labels, timelineNs: 0 })).not.toContain('a column is');
  });
});
