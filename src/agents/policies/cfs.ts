import { definePolicy } from '../policy/define-policy.ts';
import { duration } from '../policy/params.ts';
import { type CpuId, NONE, RUN_PREEMPT, type TaskId } from '../policy/policy.ts';
import type { PriorityQueue } from '../policy/priority-queue.ts';
import { firstAllowed } from './first-allowed.ts';
import { LongestQueues } from './longest-queues.ts';
import { VirtualTime } from './virtual-time.ts';

/**
 * Completely fair: each CPU runs the task that had the least so far, counted in virtual time, which passes more slowly for those
 * with more weight. Who slept is put a little ahead of the others, and takes the CPU when that is worth it.
 *
 * Good at: shares in proportion to weights on each CPU, and the latency of tasks that sleep a lot.
 * Bad at: fairness between CPUs: only idle ones take tasks from others. No deadlines, no groups, no NUMA. With many tasks that may use
 * some CPUs but not all, an idle CPU may look at many before it finds its own.
 */
export default definePolicy({
  summary: 'Completely fair: CPU time in proportion to weights, by virtual run time',
  description: [
    'Each CPU runs the task with the least virtual run time. Turns are --latency divided among the tasks of a CPU by weight, at least --min-granularity. A task that wakes up gets half of --latency as credit, and takes the CPU from one that is further ahead than --min-granularity.',
    'It does badly at fairness between CPUs, for only idle ones take tasks from others, and it knows no groups, deadlines or NUMA.',
  ],
  params: {
    minGranularity: duration('The shortest turn, and how far behind a task must be to take a CPU', {
      default: '1ms',
    }),
    latency: duration('The time in which every task of a CPU has a turn', { default: '10ms' }),
  },
  promises: { workConserving: true, noStarvation: true, weights: true },
  create({ params: { minGranularity, latency }, tasks, cpus, now, run, priorityQueue, cpuPriorityQueue }) {
    const queues = Array.from({ length: cpus.count }, () => priorityQueue());
    const queueOf = (cpu: CpuId) => queues[cpu] as PriorityQueue;
    const busiest = new LongestQueues(cpuPriorityQueue(), (cpu) => queueOf(cpu).length);
    const time = new VirtualTime(tasks, cpus.count);
    const began = new Float64Array(cpus.count);
    let other = 0;

    function start(task: TaskId, cpu: CpuId, flags = 0) {
      if (time.cpuOf(task) !== cpu) time.join(task, cpu);
      began[cpu] = now();
      run(task, cpu, Math.max(time.share(task, latency), minGranularity), flags);
    }

    function enqueue(task: TaskId, cpu: CpuId) {
      time.join(task, cpu);
      queueOf(cpu).push(task, time.of(task));
      busiest.grew(cpu);
    }

    /** Of two CPUs the one with less to do. */
    function choose(task: TaskId): CpuId {
      const home = tasks.allowedCpu(task);
      other = other + 1 === cpus.count ? 0 : other + 1;
      return tasks.allows(task, other) && time.load(other) < time.load(home) ? other : home;
    }

    /** How much more than this task the one that runs has had. */
    function lead(task: TaskId, cpu: CpuId): number {
      const current = cpus.current(cpu);
      if (current === NONE) return 0;
      return time.of(current) + time.scaled(current, now() - (began[cpu] as number)) - time.of(task);
    }

    function wake(task: TaskId) {
      time.leave(task);
      time.limitCredit(task, latency / 2);
      const idle = cpus.pickIdle(task);
      const cpu = idle === NONE ? choose(task) : idle;
      enqueue(task, cpu);
      if (idle !== NONE) start(task, cpu);
      else if (lead(task, cpu) > minGranularity) start(task, cpu, RUN_PREEMPT);
    }

    function steal(thief: CpuId): TaskId {
      // Mostly the first will do. Those that may not run here are passed over.
      for (let index = 0, cpu = busiest.longest(); cpu !== NONE; index += 1, cpu = busiest.at(index)) {
        const task = firstAllowed(queueOf(cpu), tasks, thief);
        if (task !== NONE) return task;
      }
      return NONE;
    }

    function fill(cpu: CpuId) {
      const own = queueOf(cpu).peek();
      const task = own === NONE ? steal(cpu) : own;
      if (task !== NONE) start(task, cpu);
    }

    function stopped(task: TaskId, atLeast = 0) {
      const cpu = time.cpuOf(task);
      if (cpu !== NONE) time.charge(task, queueOf(cpu).peekKey(), atLeast);
    }

    function goOn(task: TaskId) {
      const cpu = time.cpuOf(task);
      // Its CPU may be forbidden by now.
      if (!tasks.allows(task, cpu)) return wake(task);
      enqueue(task, cpu);
      // Whoever is next on this CPU goes first. Another may be idle.
      if (cpus.pending(cpu) === 0) fill(cpu);
      const idle = tasks.isWaiting(task) ? cpus.pickIdle(task) : NONE;
      if (idle !== NONE) start(task, idle);
    }

    return {
      taskNew: (task) => time.isNew(task, minGranularity),
      taskRunnable: wake,
      taskPreempted(task) {
        stopped(task);
        goOn(task);
      },
      taskYielded(task) {
        // Or it would have the next turn, too, and all that time goes to changing tasks.
        stopped(task, minGranularity);
        goOn(task);
      },
      taskBlocked(task) {
        stopped(task);
        time.leave(task);
      },
      taskDeparted: (task) => time.leave(task),
      taskDead: (task) => time.leave(task),
      cpuIdle: fill,
      taskAffinityChanged(task) {
        if (tasks.isWaiting(task)) wake(task);
      },
    };
  },
});
