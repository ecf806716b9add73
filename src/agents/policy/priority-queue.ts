import { NONE, type TaskId } from './policy.ts';
import { checkMember, leaveQueue, type QueueMembership } from './task-queue.ts';

/** Tasks in order of a number, the smallest first; equals in order of arrival. No operation makes garbage, once it has grown. */
export interface PriorityQueue {
  readonly length: number;
  /** Also changes the key of a task that is in it; takes it out of another queue. Throws a RangeError for NaN. */
  push(task: TaskId, key: number): void;
  /** The first, taken out; NONE when empty. */
  shift(): TaskId;
  peek(): TaskId;
  /** The smallest key; Infinity when empty. */
  peekKey(): number;
  /** NaN for a task that is not in it. */
  key(task: TaskId): number;
  has(task: TaskId): boolean;
  /** Whether it was in it. */
  remove(task: TaskId): boolean;
  /** The `index`th in no particular order, from 0: to look through all. NONE beyond the last. */
  at(index: number): TaskId;
}

/** What all heaps of a policy share: a task is in one of them at most. */
export interface HeapNodes {
  readonly key: Float64Array;
  /** When it was pushed, counted over all heaps: equals keep their order. */
  readonly order: Float64Array;
  /** Where in its heap it is. */
  readonly position: Int32Array;
  readonly pushed: Float64Array;
}

export function createHeapNodes(capacity: number): HeapNodes {
  return {
    key: new Float64Array(capacity),
    order: new Float64Array(capacity),
    position: new Int32Array(capacity),
    pushed: new Float64Array(1),
  };
}

const FIRST_SIZE = 8;

/** A binary heap that knows where each task is. */
export class HeapPriorityQueue implements PriorityQueue {
  readonly #members: QueueMembership;
  readonly #owner: Int32Array;
  readonly #key: Float64Array;
  readonly #order: Float64Array;
  readonly #position: Int32Array;
  readonly #pushed: Float64Array;
  readonly #number: number;
  #heap = new Int32Array(FIRST_SIZE);
  #length = 0;

  constructor(members: QueueMembership, { key, order, position, pushed }: HeapNodes) {
    this.#members = members;
    this.#owner = members.owner;
    this.#key = key;
    this.#order = order;
    this.#position = position;
    this.#pushed = pushed;
    this.#number = members.queues.push(this) - 1;
  }

  get length(): number {
    return this.#length;
  }

  push(task: TaskId, key: number): void {
    if (Number.isNaN(key)) throw new RangeError(`task ${task} was queued by a key that is no number (NaN)`);
    if (this.has(task)) {
      this.#key[task] = key;
      this.#settle(task, this.#position[task] as number);
      return;
    }
    checkMember(this.#members, task);
    leaveQueue(this.#members, task);
    if (this.#length === this.#heap.length) this.#grow();
    const pushed = (this.#pushed[0] as number) + 1;
    this.#pushed[0] = pushed;
    this.#owner[task] = this.#number;
    this.#key[task] = key;
    this.#order[task] = pushed;
    this.#length += 1;
    this.#up(task, this.#length - 1);
  }

  shift(): TaskId {
    const task = this.peek();
    if (task !== NONE) this.remove(task);
    return task;
  }

  peek(): TaskId {
    return this.#length === 0 ? NONE : (this.#heap[0] as number);
  }

  peekKey(): number {
    return this.#length === 0 ? Number.POSITIVE_INFINITY : (this.#key[this.#heap[0] as number] as number);
  }

  key(task: TaskId): number {
    return this.has(task) ? (this.#key[task] as number) : Number.NaN;
  }

  has(task: TaskId): boolean {
    return this.#owner[task] === this.#number;
  }

  remove(task: TaskId): boolean {
    if (!this.has(task)) return false;
    const hole = this.#position[task] as number;
    this.#owner[task] = NONE;
    this.#length -= 1;
    const last = this.#heap[this.#length] as number;
    if (last !== task) this.#settle(last, hole);
    return true;
  }

  at(index: number): TaskId {
    return index < this.#length ? (this.#heap[index] ?? NONE) : NONE;
  }

  #before(a: TaskId, b: TaskId): boolean {
    const keyA = this.#key[a] as number;
    const keyB = this.#key[b] as number;
    return keyA < keyB || (keyA === keyB && (this.#order[a] as number) < (this.#order[b] as number));
  }

  #settle(task: TaskId, at: number): void {
    if (at > 0 && this.#before(task, this.#heap[(at - 1) >> 1] as number)) this.#up(task, at);
    else this.#down(task, at);
  }

  #up(task: TaskId, from: number): void {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const parent = heap[(at - 1) >> 1] as number;
      if (!this.#before(task, parent)) break;
      heap[at] = parent;
      this.#position[parent] = at;
      at = (at - 1) >> 1;
    }
    heap[at] = task;
    this.#position[task] = at;
  }

  #down(task: TaskId, from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.#length) break;
      if (below + 1 < this.#length && this.#before(heap[below + 1] as number, heap[below] as number))
        below += 1;
      const child = heap[below] as number;
      if (!this.#before(child, task)) break;
      heap[at] = child;
      this.#position[child] = at;
      at = below;
    }
    heap[at] = task;
    this.#position[task] = at;
  }

  #grow(): void {
    const larger = new Int32Array(this.#heap.length * 2);
    larger.set(this.#heap);
    this.#heap = larger;
  }
}
