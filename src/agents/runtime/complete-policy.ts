import type { Policy } from '../policy/policy.ts';

/** The policy with all its methods: those that it does not declare do nothing, or what their default is. Throws a TypeError for one that is no function. */
export function completePolicy(policy: Policy): Required<Policy> {
  if (typeof policy !== 'object' || policy === null)
    throw new TypeError(`create() gave ${policy}, not a policy`);
  if (typeof policy.taskRunnable !== 'function') throw new TypeError('the policy has no method taskRunnable');
  for (const name of METHODS) {
    const method: unknown = policy[name];
    if (method !== undefined && typeof method !== 'function')
      throw new TypeError(`${name} of the policy is ${typeof method}, not a method`);
  }
  const nothing = () => {};
  const preempted: Required<Policy>['taskPreempted'] = policy.taskPreempted
    ? (task, cpu) => policy.taskPreempted?.(task, cpu)
    : (task) => policy.taskRunnable(task);
  return {
    taskRunnable: (task) => policy.taskRunnable(task),
    taskPreempted: preempted,
    taskYielded: policy.taskYielded ? (task, cpu) => policy.taskYielded?.(task, cpu) : preempted,
    taskNew: policy.taskNew ? (task) => policy.taskNew?.(task) : nothing,
    taskBlocked: policy.taskBlocked ? (task, cpu) => policy.taskBlocked?.(task, cpu) : nothing,
    taskDeparted: policy.taskDeparted ? (task) => policy.taskDeparted?.(task) : nothing,
    taskDead: policy.taskDead ? (task) => policy.taskDead?.(task) : nothing,
    taskAffinityChanged: policy.taskAffinityChanged ? (task) => policy.taskAffinityChanged?.(task) : nothing,
    taskPriorityChanged: policy.taskPriorityChanged ? (task) => policy.taskPriorityChanged?.(task) : nothing,
    cpuIdle: policy.cpuIdle ? (cpu) => policy.cpuIdle?.(cpu) : nothing,
    cpuTick: policy.cpuTick ? (cpu) => policy.cpuTick?.(cpu) : nothing,
    schedule: policy.schedule ? () => policy.schedule?.() : nothing,
    nextTimer: policy.nextTimer ? () => policy.nextTimer?.() ?? Number.NaN : () => Number.POSITIVE_INFINITY,
  };
}

const METHODS = [
  'taskNew',
  'taskRunnable',
  'taskPreempted',
  'taskYielded',
  'taskBlocked',
  'taskDeparted',
  'taskDead',
  'taskAffinityChanged',
  'taskPriorityChanged',
  'cpuIdle',
  'cpuTick',
  'schedule',
  'nextTimer',
] as const;
