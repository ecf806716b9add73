import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NONE } from '../policy/policy.ts';
import { TaskTable } from './task-table.ts';

const CAPACITY = 3;

function table(cpuCount: number, cpus: readonly number[], lastCpu = 0) {
  const maskWords = Math.ceil(cpuCount / 32) + 1;
  const masks = new Uint32Array(CAPACITY * maskWords);
  for (const cpu of cpus) {
    const at = maskWords + (cpu >>> 5);
    masks[at] = (masks[at] as number) | (1 << (cpu & 31));
  }
  const hints = { deadline: () => Number.POSITIVE_INFINITY, qos: () => 0 };
  const tasks = new TaskTable({ capacity: CAPACITY, cpuCount, masks, maskWords, hints });
  tasks.add(1, 101, 100, 5);
  tasks.setPlace(1, lastCpu, 100);
  return { tasks, bits: (set: readonly number[]) => bitsOf(set, maskWords) };
}

function bitsOf(set: readonly number[], words: number): Uint32Array {
  const bits = new Uint32Array(words);
  for (const cpu of set) bits[cpu >>> 5] = (bits[cpu >>> 5] as number) | (1 << (cpu & 31));
  return bits;
}

describe('the table of tasks', () => {
  it('knows the CPUs of a task, on machines of any size', () => {
    const machine = fc.integer({ min: 1, max: 200 }).chain((count) =>
      fc.record({
        count: fc.constant(count),
        // Also bits of CPUs that do not exist.
        allowed: fc.uniqueArray(fc.nat(count + 20), { minLength: 1 }),
        idle: fc.uniqueArray(fc.nat(count - 1)),
        last: fc.nat(count - 1),
      }),
    );
    fc.assert(
      fc.property(machine, ({ count, allowed, idle, last }) => {
        const { tasks, bits } = table(
          count,
          allowed.filter((cpu) => cpu < Math.ceil(count / 32) * 32 + 32),
          last,
        );
        const real = allowed.filter((cpu) => cpu < count);
        const all = Array.from({ length: count }, (_, cpu) => cpu);
        // A task without any CPU is one whose mask was not there yet.
        const expected = real.length === 0 ? all : real;
        expect(all.filter((cpu) => tasks.allows(1, cpu))).toEqual(expected.toSorted((a, b) => a - b));
        expect(tasks.cpuCount(1)).toBe(expected.length);
        const nearest = (set: readonly number[]) =>
          set.toSorted((a, b) => ((a - last + count) % count) - ((b - last + count) % count))[0] ?? NONE;
        expect(tasks.allowedCpu(1)).toBe(nearest(expected));
        expect(tasks.nextAllowedIn(1, bits(idle))).toBe(
          nearest(expected.filter((cpu) => idle.includes(cpu))),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('works nice values out from weights', () => {
    const { tasks } = table(1, [0]);
    for (let nice = -20; nice <= 19; nice += 1) {
      const weight = Math.max(1, Math.min(10_000, Math.round(100 * 1.25 ** -nice)));
      tasks.setPlace(1, 0, weight);
      // Small weights are whole numbers: several nice values share one.
      expect(Math.abs(tasks.nice(1) - nice)).toBeLessThanOrEqual(weight < 10 ? 2 : 0);
    }
  });
});
