import type { TaskId } from './policy.ts';

/** Tasks in order of arrival. No operation makes garbage. */
export interface TaskQueue {
  readonly length: number;
  /** To the end. Does nothing to a task that is in it already. */
  push(task: TaskId): void;
  /** To the front. */
  unshift(task: TaskId): void;
  /** The first, taken out; NONE when empty. */
  shift(): TaskId;
  /** The first; NONE when empty. */
  peek(): TaskId;
  /** The one after `task`; NONE at the end. */
  after(task: TaskId): TaskId;
  has(task: TaskId): boolean;
  /** Whether it was in it. */
  remove(task: TaskId): boolean;
}
