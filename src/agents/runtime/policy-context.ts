import type { PolicyContext } from '../policy/policy.ts';
import { createHeapNodes, HeapPriorityQueue } from '../policy/priority-queue.ts';
import {
  createLinks,
  createMembership,
  LinkedTaskQueue,
  type QueueMembership,
} from '../policy/task-queue.ts';
import type { CpuTable } from './cpu-table.ts';
import type { TaskTable } from './task-table.ts';

export interface ContextParts extends Pick<PolicyContext, 'run' | 'preempt'> {
  readonly params: Readonly<Record<string, unknown>>;
  readonly tasks: TaskTable;
  readonly cpus: CpuTable;
  readonly members: QueueMembership;
  /** One number, ns: a number of its own would be a new object each time that it changes. */
  readonly clock: Float64Array;
}

/** What a policy is given. Its functions need no `this`: they may be taken apart. */
export function createPolicyContext({
  params,
  tasks,
  cpus,
  members,
  clock,
  ...does
}: ContextParts): PolicyContext {
  const links = createLinks(tasks.capacity);
  let nodes: ReturnType<typeof createHeapNodes> | undefined;
  return {
    params: params as PolicyContext['params'],
    tasks,
    cpus,
    now: () => clock[0] as number,
    ...does,
    queue: () => new LinkedTaskQueue(members, links),
    priorityQueue: () => {
      nodes ??= createHeapNodes(tasks.capacity);
      return new HeapPriorityQueue(members, nodes);
    },
    cpuPriorityQueue: () => new HeapPriorityQueue(createMembership(cpus.count), createHeapNodes(cpus.count)),
  };
}
