/** What `import … from 'devbox/policy'` gives: all that a scheduling policy needs. */
export { definePolicy, type PolicyDefinition, type PolicyPromises } from './agents/policy/define-policy.ts';
export { choice, count, type DurationOptions, duration, type ParamSpec } from './agents/policy/params.ts';
export {
  ANY_CPU,
  type CpuId,
  type Cpus,
  NONE,
  type Policy,
  type PolicyContext,
  RUN_FIRST,
  RUN_PREEMPT,
  type TaskId,
  type Tasks,
} from './agents/policy/policy.ts';
export type { PriorityQueue } from './agents/policy/priority-queue.ts';
export type { TaskQueue } from './agents/policy/task-queue.ts';
