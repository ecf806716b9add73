import type { TaskId } from './policy.ts';

/** Tasks in order of a number, the smallest first; equals in order of arrival. No operation makes garbage. */
export interface PriorityQueue {
  readonly length: number;
  /** Also changes the key of a task that is in it. */
  push(task: TaskId, key: number): void;
  /** The first, taken out; NONE when empty. */
  shift(): TaskId;
  peek(): TaskId;
  /** The smallest key; Infinity when empty. */
  peekKey(): number;
  key(task: TaskId): number;
  has(task: TaskId): boolean;
  /** Whether it was in it. */
  remove(task: TaskId): boolean;
}
