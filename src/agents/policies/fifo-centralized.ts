import { definePolicy } from '../policy/define-policy.ts';
import { duration } from '../policy/params.ts';
import { type CpuId, NONE, type TaskId } from '../policy/policy.ts';
import { GLOBAL_CPU } from './global-cpu.ts';
import { idleFirst } from './idle-first.ts';

/**
 * First in, first out, with one queue for all CPUs. A task runs until it sleeps, or for a time slice.
 *
 * Good at: order. Whoever waits longest is next, wherever a CPU becomes free.
 * Bad at: latency under load, for whoever wakes up waits for all that are before it, and without a slice as long as they like. Tasks
 * lose their cache when they move, and every decision is made in one place. With many tasks that may use some CPUs but not all, a free CPU may look at many of them.
 */
export default definePolicy({
  summary: 'First in, first out: one queue for all CPUs',
  description: [
    'Every task waits in one queue, and those that may use a single CPU in a queue of that one; a free CPU takes whoever waits longest and may run there. A task runs until it sleeps, or for --preemption-time-slice.',
    'It does badly when latency matters under load (a task that wakes up waits for everything before it; without a time slice, for ever behind tasks that never sleep), and with caches: a task runs where a CPU is free. It ignores weights, deadlines and NUMA.',
  ],
  params: {
    preemptionTimeSlice: duration('How long a task runs before it goes to the end of the queue', {
      default: '20ms',
      infinite: true,
    }),
    globalCpu: GLOBAL_CPU,
  },
  promises: { workConserving: true, noStarvation: true },
  create({ params: { preemptionTimeSlice, globalCpu }, tasks, cpus, run, queue }) {
    const shared = queue();
    const pinned = Array.from({ length: cpus.count }, () => queue());
    const agentCpu = globalCpu < cpus.count ? globalCpu : NONE;

    function firstShared(cpu: CpuId): TaskId {
      if (cpu === agentCpu) return NONE;
      let task = shared.peek();
      while (task !== NONE && !tasks.allows(task, cpu)) task = shared.after(task);
      return task;
    }

    function fill(cpu: CpuId) {
      const a = pinned[cpu]?.peek() ?? NONE;
      const b = firstShared(cpu);
      const aIsNext = b === NONE || (a !== NONE && tasks.runnableSince(a) <= tasks.runnableSince(b));
      const next = aIsNext ? a : b;
      if (next !== NONE) run(next, cpu, preemptionTimeSlice);
    }

    function runWhereIdle(task: TaskId): boolean {
      const cpu = cpus.pickIdle(task, tasks.cpuCount(task) > 1 ? agentCpu : NONE);
      if (cpu !== NONE) run(task, cpu, preemptionTimeSlice);
      return cpu !== NONE;
    }

    function place(task: TaskId) {
      if (tasks.cpuCount(task) === 1) pinned[tasks.allowedCpu(task)]?.push(task);
      else shared.push(task);
    }

    return idleFirst({ tasks, cpus }, { runWhereIdle, settle: place, place, fill });
  },
});
