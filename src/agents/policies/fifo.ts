import { definePolicy } from '../policy/define-policy.ts';
import { duration } from '../policy/params.ts';
import { type CpuId, NONE, type TaskId } from '../policy/policy.ts';
import { idleFirst } from './idle-first.ts';
import { LongestQueues } from './longest-queues.ts';

/**
 * First in, first out, with a queue for each CPU. A task that becomes runnable goes to an idle CPU, else it waits where it
 * ran last, or where fewer wait. A CPU that runs dry takes from its own queue, else from the longest.
 *
 * Good at: throughput of tasks that are much alike; tasks keep their cache.
 * Bad at: latency under load, for whoever wakes up waits for all that are before it; it knows no weights. Order holds within
 * a queue only. With many tasks that may use some CPUs but not all, an idle CPU may look at many before it finds its own.
 */
export default definePolicy({
  summary: 'First in, first out: a queue for each CPU, idle CPUs take from the longest',
  description: [
    'A task that becomes runnable goes to an idle CPU that it may use, else it waits where it ran last, or at another CPU where fewer wait. A CPU that runs dry takes the first of its queue, or of the longest. After its slice a task goes to the end of the queue.',
    'It does badly when latency matters under load (a task that wakes up waits for everything before it), and it ignores weights, deadlines and NUMA.',
  ],
  params: {
    slice: duration('How long a task runs before it goes to the end of the queue', {
      default: '20ms',
      infinite: true,
    }),
  },
  promises: { workConserving: true, noStarvation: true },
  create({ params, tasks, cpus, run, queue, cpuPriorityQueue }) {
    const all = Array.from({ length: cpus.count }, () => ({ movable: queue(), pinned: queue() }));
    let other = 0;

    const at = (cpu: CpuId) => all[cpu] as (typeof all)[number];
    const longest = new LongestQueues(cpuPriorityQueue(), (cpu) => at(cpu).movable.length);
    const waiting = (cpu: CpuId) => at(cpu).movable.length + at(cpu).pinned.length;

    function place(task: TaskId) {
      const home = tasks.allowedCpu(task);
      if (tasks.cpuCount(task) === 1) return at(home).pinned.push(task);
      // Of two queues the shorter: nearly as good as the shortest of all, and nobody has to look for it.
      other = other + 1 === cpus.count ? 0 : other + 1;
      const cpu = tasks.allows(task, other) && waiting(other) < waiting(home) ? other : home;
      at(cpu).movable.push(task);
      longest.grew(cpu);
    }

    function steal(thief: CpuId): TaskId {
      // Mostly the first will do. Those that may not run here are passed over.
      for (let index = 0, cpu = longest.longest(); cpu !== NONE; index += 1, cpu = longest.at(index)) {
        const { movable } = at(cpu);
        for (let task = movable.peek(); task !== NONE; task = movable.after(task))
          if (tasks.allows(task, thief)) return task;
      }
      return NONE;
    }

    function next(cpu: CpuId): TaskId {
      const a = at(cpu).movable.peek();
      const b = at(cpu).pinned.peek();
      if (a === NONE && b === NONE) return steal(cpu);
      if (a === NONE || b === NONE) return a === NONE ? b : a;
      return tasks.runnableSince(b) < tasks.runnableSince(a) ? b : a;
    }

    function fill(cpu: CpuId) {
      const task = next(cpu);
      if (task !== NONE) run(task, cpu, params.slice);
    }

    function runWhereIdle(task: TaskId): boolean {
      const cpu = cpus.pickIdle(task);
      if (cpu !== NONE) run(task, cpu, params.slice);
      return cpu !== NONE;
    }

    return idleFirst({ tasks, cpus }, { runWhereIdle, settle: place, place, fill });
  },
});
