import { type CpuId, NONE, type TaskId, type Tasks } from '../policy/policy.ts';
import type { PriorityQueue } from '../policy/priority-queue.ts';

/** The first task of a queue that may run on a CPU; NONE. Looks through all when the very first may not. */
export function firstAllowed(queue: PriorityQueue, tasks: Tasks, cpu: CpuId): TaskId {
  const first = queue.peek();
  if (first === NONE || tasks.allows(first, cpu)) return first;
  let best = NONE;
  for (let index = 0; index < queue.length; index += 1) {
    const task = queue.at(index);
    if (tasks.allows(task, cpu) && (best === NONE || queue.key(task) < queue.key(best))) best = task;
  }
  return best;
}
