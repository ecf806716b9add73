import { definePolicy } from '../policy/define-policy.ts';
import { duration } from '../policy/params.ts';
import { type CpuId, NONE, RUN_PREEMPT, type TaskId } from '../policy/policy.ts';
import type { PriorityQueue } from '../policy/priority-queue.ts';
import { firstAllowed } from './first-allowed.ts';
import { GLOBAL_CPU } from './global-cpu.ts';
import { idleFirst } from './idle-first.ts';

/** ns; also when nobody is known to wait, so that one who was passed by on his way to a CPU gets it in the end. */
const LONGEST_TURN = 20e6;

/**
 * Short turns for all, decided in one place, after the paper "Shinjuku: Preemptive Scheduling for µsecond-scale Tail Latency".
 * A task runs as long as nobody waits; when somebody does, its turn ends after the time slice. Tasks of a higher class of service,
 * which they give as a hint, come first, and take the CPU of a lower one at once.
 *
 * Good at: the latency of short requests among long ones.
 * Bad at: throughput: every turn costs a context switch, and decisions many times a millisecond. Lower classes starve while there is
 * enough of higher ones. A kernel that is slow to take CPUs away makes turns longer than asked for.
 */
export default definePolicy({
  summary: 'Short turns from one queue, with classes of service: short requests need not wait for long ones',
  description: [
    'All tasks wait in one queue, higher classes of service first, then in order of arrival. When somebody waits, a turn ends after --preemption-time-slice; a higher class takes the CPU of a lower one at once.',
    'It does badly at throughput, for every turn costs a context switch and a decision, and lower classes starve while there is enough of higher ones.',
  ],
  params: {
    preemptionTimeSlice: duration('How long a turn is when others wait', { default: '50us', infinite: true }),
    globalCpu: GLOBAL_CPU,
  },
  promises: { workConserving: true },
  create({ params, tasks, cpus, now, run, priorityQueue, cpuPriorityQueue }) {
    const agentCpu = params.globalCpu < cpus.count ? params.globalCpu : NONE;
    /** The highest class first, equals in order of arrival. */
    const shared = priorityQueue();
    const pinned = Array.from({ length: cpus.count }, () => priorityQueue());
    /** Busy CPUs: the first is that with the lowest class; that whose turn is over first. */
    const lowest = cpuPriorityQueue();
    const turns = cpuPriorityQueue();

    function start(task: TaskId, cpu: CpuId, flags = 0) {
      lowest.push(cpu, tasks.qos(task));
      turns.push(cpu, now() + params.preemptionTimeSlice);
      run(task, cpu, LONGEST_TURN, flags);
    }

    /** Whether the one who was sent last has the CPU, or is the next: whoever is sent before that would pass him by, again and again. */
    const isSettled = (cpu: CpuId) => cpus.pending(cpu) <= 1;

    function place(task: TaskId) {
      const isPinned = tasks.cpuCount(task) === 1;
      const waiting = isPinned ? (pinned[tasks.allowedCpu(task)] as PriorityQueue) : shared;
      waiting.push(task, -tasks.qos(task));
    }

    function runWhereIdle(task: TaskId): boolean {
      const cpu = cpus.pickIdle(task, tasks.cpuCount(task) > 1 ? agentCpu : NONE);
      if (cpu !== NONE) start(task, cpu);
      return cpu !== NONE;
    }

    function settle(task: TaskId) {
      const victim = tasks.allows(task, lowest.peek()) ? lowest.peek() : tasks.allowedCpu(task);
      const isMoreImportant = lowest.key(victim) < tasks.qos(task);
      if (isMoreImportant && isSettled(victim)) return start(task, victim, RUN_PREEMPT);
      place(task);
      if (isMoreImportant) turns.push(victim, now());
    }

    /** Who is next on a CPU: the higher class, then who has waited longer. */
    function next(cpu: CpuId): TaskId {
      const own = pinned[cpu]?.peek() ?? NONE;
      const other = cpu === agentCpu ? NONE : firstAllowed(shared, tasks, cpu);
      if (own === NONE || other === NONE) return own === NONE ? other : own;
      const byClass = tasks.qos(own) - tasks.qos(other);
      const ownIsNext =
        byClass > 0 || (byClass === 0 && tasks.runnableSince(own) <= tasks.runnableSince(other));
      return ownIsNext ? own : other;
    }

    function fill(cpu: CpuId) {
      lowest.remove(cpu);
      turns.remove(cpu);
      const task = next(cpu);
      if (task !== NONE) start(task, cpu);
    }

    return {
      ...idleFirst({ tasks, cpus }, { runWhereIdle, settle, place, fill }),
      schedule() {
        while (tasks.waiting > 0 && turns.peekKey() <= now()) {
          const cpu = turns.peek();
          const task = isSettled(cpu) ? next(cpu) : NONE;
          if (task !== NONE && tasks.qos(task) >= lowest.key(cpu)) start(task, cpu, RUN_PREEMPT);
          else turns.push(cpu, now() + params.preemptionTimeSlice);
        }
      },
      nextTimer: () => (tasks.waiting > 0 ? turns.peekKey() : Number.POSITIVE_INFINITY),
    };
  },
});
