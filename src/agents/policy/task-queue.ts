import { NONE, type TaskId } from './policy.ts';

/** Tasks in order of arrival. No operation makes garbage. */
export interface TaskQueue {
  readonly length: number;
  /** To the end. Does nothing to a task that is in it already; takes it out of another queue. */
  push(task: TaskId): void;
  /** To the front. As `push` otherwise. */
  unshift(task: TaskId): void;
  /** The first, taken out; NONE when empty. */
  shift(): TaskId;
  /** The first; NONE when empty. */
  peek(): TaskId;
  /** The one after `task`; NONE at the end, and for a task that is not in it. */
  after(task: TaskId): TaskId;
  has(task: TaskId): boolean;
  /** Whether it was in it. */
  remove(task: TaskId): boolean;
}

/** In which queue of a policy each task is: one at most. All queues of a policy share it. */
export interface QueueMembership {
  /** Number of the queue for each task; NONE. */
  readonly owner: Int32Array;
  /** By number. */
  readonly queues: { remove(task: TaskId): boolean }[];
}

export function createMembership(capacity: number): QueueMembership {
  return { owner: new Int32Array(capacity).fill(NONE), queues: [] };
}

/** Takes the task out of the queue that it is in, if any. */
export function leaveQueue({ owner, queues }: QueueMembership, task: TaskId): void {
  const number = owner[task] as number;
  if (number >= 0) queues[number]?.remove(task);
}

/** Throws a RangeError for what cannot be a task: it would be lost silently in a typed array. */
export function checkMember({ owner }: QueueMembership, task: TaskId): void {
  if (owner[task] === undefined)
    throw new RangeError(`${task} is no task: tasks are 0 to ${owner.length - 1}`);
}

/** Links of all lists: a task is in one of them at most. */
export interface TaskLinks {
  readonly next: Int32Array;
  readonly previous: Int32Array;
}

export function createLinks(capacity: number): TaskLinks {
  return { next: new Int32Array(capacity).fill(NONE), previous: new Int32Array(capacity).fill(NONE) };
}

/** A doubly linked list whose links lie in arrays that all lists share: a thousand empty queues cost next to nothing. */
export class LinkedTaskQueue implements TaskQueue {
  readonly #members: QueueMembership;
  readonly #owner: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #number: number;
  #head = NONE;
  #tail = NONE;
  #length = 0;

  constructor(members: QueueMembership, { next, previous }: TaskLinks) {
    this.#members = members;
    this.#owner = members.owner;
    this.#next = next;
    this.#previous = previous;
    this.#number = members.queues.push(this) - 1;
  }

  get length(): number {
    return this.#length;
  }

  push(task: TaskId): void {
    if (!this.#enter(task)) return;
    this.#previous[task] = this.#tail;
    this.#next[task] = NONE;
    if (this.#tail === NONE) this.#head = task;
    else this.#next[this.#tail] = task;
    this.#tail = task;
  }

  unshift(task: TaskId): void {
    if (!this.#enter(task)) return;
    this.#previous[task] = NONE;
    this.#next[task] = this.#head;
    if (this.#head === NONE) this.#tail = task;
    else this.#previous[this.#head] = task;
    this.#head = task;
  }

  shift(): TaskId {
    const task = this.#head;
    if (task !== NONE) this.#unlink(task);
    return task;
  }

  peek(): TaskId {
    return this.#head;
  }

  after(task: TaskId): TaskId {
    return this.has(task) ? (this.#next[task] as number) : NONE;
  }

  has(task: TaskId): boolean {
    return this.#owner[task] === this.#number;
  }

  remove(task: TaskId): boolean {
    if (!this.has(task)) return false;
    this.#unlink(task);
    return true;
  }

  #enter(task: TaskId): boolean {
    const owner = this.#owner[task];
    if (owner === this.#number) return false;
    if (owner !== NONE) {
      checkMember(this.#members, task);
      leaveQueue(this.#members, task);
    }
    this.#owner[task] = this.#number;
    this.#length += 1;
    return true;
  }

  #unlink(task: TaskId): void {
    const next = this.#next[task] as number;
    const previous = this.#previous[task] as number;
    if (previous === NONE) this.#head = next;
    else this.#next[previous] = next;
    if (next === NONE) this.#tail = previous;
    else this.#previous[next] = previous;
    this.#owner[task] = NONE;
    this.#length -= 1;
  }
}
