import { definePolicy } from '../policy/define-policy.ts';
import { duration } from '../policy/params.ts';
import { type CpuId, NONE, RUN_PREEMPT, type TaskId } from '../policy/policy.ts';
import type { PriorityQueue } from '../policy/priority-queue.ts';
import { firstAllowed } from './first-allowed.ts';
import { idleFirst } from './idle-first.ts';

/**
 * Earliest deadline first. Tasks say by when they have to be done, as a hint; the earliest runs, and takes the CPU of the latest.
 * Those without a deadline come after all others, in order of arrival.
 *
 * Good at: meeting deadlines. On one CPU it meets all that can be met, as long as the tasks need no more than the CPU has.
 * Bad at: overload, when one late task makes the next one late, too; several CPUs, where long jobs may be late at moderate
 * loads; and tasks without deadlines, which starve. A task that may not use the CPU of the latest looks at one other only.
 */
export default definePolicy({
  summary: 'Earliest deadline first, with deadlines that tasks give as hints',
  description: [
    'The task with the earliest deadline runs, and takes the CPU away from the one with the latest. Tasks without a deadline come after all others, in order of arrival.',
    'It does badly when there is more to do than time (one late task makes others late), and tasks without deadlines starve while there are some with.',
  ],
  params: {
    slice: duration('How long a task runs before others with the same deadline have their turn', {
      default: '20ms',
    }),
  },
  promises: { workConserving: true },
  create({ params, tasks, cpus, run, priorityQueue, cpuPriorityQueue }) {
    const shared = priorityQueue();
    const pinned = Array.from({ length: cpus.count }, () => priorityQueue());
    /** CPUs that are busy, the one with the latest deadline first. */
    const busy = cpuPriorityQueue();

    function start(task: TaskId, cpu: CpuId, flags = 0) {
      busy.push(cpu, -tasks.deadline(task));
      run(task, cpu, params.slice, flags);
    }

    function place(task: TaskId) {
      const isPinned = tasks.cpuCount(task) === 1;
      const waiting = isPinned ? (pinned[tasks.allowedCpu(task)] as PriorityQueue) : shared;
      waiting.push(task, tasks.deadline(task));
    }

    function runWhereIdle(task: TaskId): boolean {
      const cpu = cpus.pickIdle(task);
      if (cpu !== NONE) start(task, cpu);
      return cpu !== NONE;
    }

    function settle(task: TaskId) {
      const latest = busy.peek();
      const cpu = tasks.allows(task, latest) ? latest : tasks.allowedCpu(task);
      if (-busy.key(cpu) > tasks.deadline(task)) start(task, cpu, RUN_PREEMPT);
      else place(task);
    }

    function fill(cpu: CpuId) {
      busy.remove(cpu);
      const own = pinned[cpu] as PriorityQueue;
      const other = firstAllowed(shared, tasks, cpu);
      const next = isBefore(own.peek(), other) ? own.peek() : other;
      if (next !== NONE) start(next, cpu);
    }

    /** The earlier deadline, then who has waited longer. */
    function isBefore(task: TaskId, other: TaskId): boolean {
      if (task === NONE || other === NONE) return other === NONE;
      const first = tasks.deadline(task);
      const second = tasks.deadline(other);
      return first === second ? tasks.runnableSince(task) <= tasks.runnableSince(other) : first < second;
    }

    return idleFirst({ tasks, cpus }, { runWhereIdle, settle, place, fill });
  },
});
