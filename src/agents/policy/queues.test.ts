import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NONE } from './policy.ts';
import { createHeapNodes, HeapPriorityQueue, type PriorityQueue } from './priority-queue.ts';
import { createLinks, createMembership, LinkedTaskQueue, leaveQueue, type TaskQueue } from './task-queue.ts';

const CAPACITY = 12;

function queues() {
  const members = createMembership(CAPACITY);
  const links = createLinks(CAPACITY);
  const nodes = createHeapNodes(CAPACITY);
  return {
    members,
    lists: [new LinkedTaskQueue(members, links), new LinkedTaskQueue(members, links)] as const,
    heaps: [new HeapPriorityQueue(members, nodes), new HeapPriorityQueue(members, nodes)] as const,
  };
}

function walk(queue: TaskQueue): number[] {
  const found: number[] = [];
  for (let task = queue.peek(); task !== NONE; task = queue.after(task)) found.push(task);
  return found;
}

function drain(queue: TaskQueue | PriorityQueue): number[] {
  const found: number[] = [];
  while (queue.length > 0) found.push(queue.shift());
  return found;
}

describe('a queue of tasks', () => {
  it('is in order of arrival, from both ends', () => {
    const [queue] = queues().lists;
    for (const task of [3, 1, 2]) queue.push(task);
    queue.unshift(7);
    queue.push(3);
    expect(walk(queue)).toEqual([7, 3, 1, 2]);
    expect([queue.remove(1), queue.remove(1), queue.has(1), queue.has(2)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(drain(queue)).toEqual([7, 3, 2]);
    expect([queue.shift(), queue.peek(), queue.after(2)]).toEqual([NONE, NONE, NONE]);
  });

  it('has a task that no other queue has', () => {
    const { lists, heaps, members } = queues();
    lists[0].push(5);
    lists[1].push(5);
    expect([lists[0].length, walk(lists[1])]).toEqual([0, [5]]);
    heaps[0].push(5, 1);
    heaps[1].push(5, 2);
    expect([lists[1].length, heaps[0].length, heaps[1].peek()]).toEqual([0, 0, 5]);
    leaveQueue(members, 5);
    expect(heaps[1].length).toBe(0);
  });

  it('refuses what is no task', () => {
    const { lists, heaps } = queues();
    for (const task of [CAPACITY, -1, 1.5, Number.NaN]) {
      expect(() => lists[0].push(task)).toThrow('is no task: tasks are 0 to 11');
      expect(() => heaps[0].push(task, 1)).toThrow('is no task');
      expect([lists[0].has(task), lists[0].remove(task), heaps[0].remove(task)]).toEqual([
        false,
        false,
        false,
      ]);
    }
    expect([lists[0].length, heaps[0].length]).toEqual([0, 0]);
  });

  it('does what an array would do', () => {
    const step = fc.tuple(
      fc.constantFrom('push', 'unshift', 'shift', 'remove', 'other'),
      fc.nat(CAPACITY - 1),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [queue, other] = queues().lists;
        let model: number[] = [];
        for (const [action, task] of steps) {
          if (action === 'push' && !model.includes(task)) model = [...model, task];
          if (action === 'unshift' && !model.includes(task)) model = [task, ...model];
          if (action === 'remove' || action === 'other') model = model.filter((each) => each !== task);
          if (action === 'shift') expect(queue.shift()).toBe(model.shift() ?? NONE);
          else if (action === 'other') other.push(task);
          else queue[action](task);
          expect(walk(queue)).toEqual(model);
          expect(queue.length).toBe(model.length);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a priority queue', () => {
  it('is in order of keys, equals in order of arrival', () => {
    const [queue] = queues().heaps;
    for (const [task, key] of [
      [1, 5],
      [2, 3],
      [3, 5],
      [4, 3],
      [5, -1],
    ] as const)
      queue.push(task, key);
    expect([queue.peek(), queue.peekKey(), queue.key(3), queue.key(9)]).toEqual([5, -1, 5, Number.NaN]);
    queue.push(5, 9);
    expect(queue.remove(1)).toBe(true);
    expect([0, 1, 2, 3, 4].map((index) => queue.at(index)).toSorted()).toEqual([NONE, 2, 3, 4, 5]);
    expect(drain(queue)).toEqual([2, 4, 3, 5]);
    expect([queue.shift(), queue.peek(), queue.peekKey()]).toEqual([NONE, NONE, Number.POSITIVE_INFINITY]);
  });

  it('refuses a key that is no number', () => {
    const [queue] = queues().heaps;
    expect(() => queue.push(1, Number.NaN)).toThrow('task 1 was queued by a key that is no number');
  });

  it('does what a sorted array would do', () => {
    const step = fc.tuple(fc.constantFrom('push', 'shift', 'remove'), fc.nat(CAPACITY - 1), fc.nat(5));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const [queue] = queues().heaps;
        let model: { task: number; key: number; order: number }[] = [];
        for (const [order, [action, task, key]] of steps.entries()) {
          if (action === 'push') {
            queue.push(task, key);
            const before = model.find((each) => each.task === task);
            model = [
              ...model.filter((each) => each !== before),
              { task, key, order: before?.order ?? order },
            ];
          } else if (action === 'remove') {
            queue.remove(task);
            model = model.filter((each) => each.task !== task);
          } else expect(queue.shift()).toBe(model.shift()?.task ?? NONE);
          model.sort((a, b) => a.key - b.key || a.order - b.order);
          expect([queue.length, queue.peek()]).toEqual([model.length, model[0]?.task ?? NONE]);
        }
        expect(drain(queue)).toEqual(model.map(({ task }) => task));
      }),
      { numRuns: 100 },
    );
  });
});
