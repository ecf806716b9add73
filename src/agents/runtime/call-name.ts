import type { Policy } from '../policy/policy.ts';
import { EVENT_KIND } from './relay-records.ts';

/** What a policy is asked beside events, whose kinds are positive. */
export const CALL = { schedule: 0, nextTimer: -1, create: -2, cpuIdle: -3 } as const;

const METHODS: Readonly<Record<number, keyof Policy>> = {
  [EVENT_KIND.new]: 'taskNew',
  [EVENT_KIND.runnable]: 'taskRunnable',
  [EVENT_KIND.preempted]: 'taskPreempted',
  [EVENT_KIND.yielded]: 'taskYielded',
  [EVENT_KIND.blocked]: 'taskBlocked',
  [EVENT_KIND.departed]: 'taskDeparted',
  [EVENT_KIND.dead]: 'taskDead',
  [EVENT_KIND.affinityChanged]: 'taskAffinityChanged',
  [EVENT_KIND.priorityChanged]: 'taskPriorityChanged',
  [EVENT_KIND.tick]: 'cpuTick',
  [CALL.cpuIdle]: 'cpuIdle',
};

const WITHOUT_ARGUMENT: Readonly<Record<number, string>> = {
  [CALL.schedule]: 'schedule()',
  [CALL.nextTimer]: 'nextTimer()',
  [CALL.create]: 'create()',
};

/** The call as a policy's author would write it: `taskRunnable(5)`. */
export function callName(asked: number, of: number): string {
  return WITHOUT_ARGUMENT[asked] ?? `${METHODS[asked]}(${of})`;
}
