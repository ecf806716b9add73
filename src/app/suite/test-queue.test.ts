import { describe, expect, it } from 'vitest';
import type { Attempt } from './attempt.ts';
import { BoundedText } from './bounded-text.ts';
import { chooseJobs } from './choose-jobs.ts';
import { inOrder } from './in-order.ts';
import type { PlannedTest } from './plan-tests.ts';
import { type SettledTest, TestQueue } from './test-queue.ts';

const planned = (index: number, kernel = 'x') =>
  ({ index, file: { name: `t${index}` }, cell: { kernel, smp: '1' }, agent: [] }) as unknown as PlannedTest;
const attempt = (outcome: 'passed' | 'failed') =>
  ({ outcome, verdict: { kind: outcome === 'passed' ? 'passed' : 'test-failed' } }) as unknown as Attempt;

function queueOf(tests: readonly PlannedTest[], options: { retries?: number; bail?: boolean } = {}) {
  const settled: SettledTest[] = [];
  const queue = new TestQueue(tests, {
    ...{ retries: 0, bail: false, ...options },
    onSettled: (test) => settled.push(test),
  });
  return { queue, settled };
}

describe('the queue of tests', () => {
  it('gives guests to the places that have most to do for each', () => {
    const { queue } = queueOf([planned(0), planned(1), planned(2), planned(3, 'y')]);
    const kernels = [queue.nextCell(), queue.nextCell(), queue.nextCell()].map(
      (cell) => cell?.sample.cell.kernel,
    );
    expect(kernels).toEqual(['x', 'x', 'y']);
  });

  it('tries a test again that failed, and calls it flaky when it passes then', () => {
    const { queue, settled } = queueOf([planned(0)], { retries: 2 });
    const cell = queue.nextCell();
    cell?.give(cell.take() as PlannedTest, attempt('failed'));
    expect(settled).toEqual([]);
    cell?.give(cell.take() as PlannedTest, attempt('passed'));
    expect(settled).toMatchObject([{ isFlaky: true, earlier: [{ kind: 'test-failed' }] }]);
  });

  it('lets a test fail for good when its tries are used up', () => {
    const { queue, settled } = queueOf([planned(0)], { retries: 1 });
    const cell = queue.nextCell();
    for (let tries = 0; tries < 2; tries += 1) cell?.give(cell.take() as PlannedTest, attempt('failed'));
    expect(settled).toMatchObject([{ isFlaky: false, attempt: { outcome: 'failed' } }]);
    expect(cell?.take()).toBeUndefined();
  });

  it('hands out nothing more after the first failure when that is asked for, and knows what is left', () => {
    const { queue } = queueOf([planned(0), planned(1)], { bail: true });
    const cell = queue.nextCell();
    cell?.give(cell.take() as PlannedTest, attempt('failed'));
    expect(cell?.take()).toBeUndefined();
    expect(queue.nextCell()).toBeUndefined();
    expect(queue.left().map(({ index }) => index)).toEqual([1]);
  });
});

it('tells results in the order of the plan, however they come', () => {
  const told: string[] = [];
  const tell = inOrder<string>((value) => told.push(value));
  tell(2, 'c');
  tell(0, 'a');
  expect(told).toEqual(['a']);
  tell(1, 'b');
  expect(told).toEqual(['a', 'b', 'c']);
});

describe('how many guests run side by side', () => {
  const budget = { tests: 100, vcpus: 4, memoryBytes: 2 ** 30, accel: 'kvm' } as const;
  const host = { cpus: 16, freeBytes: 64 * 2 ** 30 };

  it('is what CPUs allow: all vCPUs of a guest count under KVM, one when it is emulated', () => {
    expect(chooseJobs('auto', budget, host)).toBe(4);
    expect(chooseJobs('auto', { ...budget, accel: 'tcg' }, host)).toBe(16);
  });

  it('is what memory allows, never more than there are tests, never none', () => {
    expect(chooseJobs('auto', budget, { ...host, freeBytes: 3 * 2 ** 30 })).toBe(2);
    expect(chooseJobs('auto', { ...budget, tests: 1 }, host)).toBe(1);
    expect(chooseJobs('auto', budget, { cpus: 1, freeBytes: 0 })).toBe(1);
    expect(chooseJobs(8, budget, host)).toBe(8);
  });
});

describe('a text that may be endless', () => {
  it('is kept whole while it is short', () => {
    const text = new BoundedText(100);
    text.push(Buffer.from('one '));
    text.push(Buffer.from('two'));
    expect(String(text)).toBe('one two');
  });

  it('keeps its beginning and its end, in bounded memory, and says what was left out', () => {
    const text = new BoundedText(20);
    for (let part = 0; part < 10_000; part += 1) text.push(Buffer.from(`${part % 10}`));
    expect(String(text)).toBe('0123456789\n[… 9980 bytes left out …]\n0123456789');
    const once = new BoundedText(20);
    once.push(Buffer.from(`${'a'.repeat(1e6)}the end...`));
    expect(String(once)).toBe(`${'a'.repeat(10)}\n[… 999990 bytes left out …]\nthe end...`);
  });
});
