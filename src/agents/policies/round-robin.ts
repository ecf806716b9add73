import { definePolicy } from '../policy/define-policy.ts';
import { duration } from '../policy/params.ts';
import { type CpuId, NONE, type TaskId } from '../policy/policy.ts';

/**
 * Tasks are dealt out to the CPUs in turn when they come, and stay there. Each CPU gives its tasks turns of the same length, one
 * after another.
 *
 * Good at: equal shares among the tasks of a CPU, caches, and being predictable: who waits, waits for a slice of each other task.
 * Bad at: uneven loads. A CPU is idle while tasks wait at another, for nothing is moved; a task that mostly sleeps waits for
 * its turn as everybody does.
 */
export default definePolicy({
  summary: 'Tasks are dealt out to CPUs in turn and stay; each CPU gives them equal turns',
  description: [
    'A new task gets the next CPU and stays there while it may. Each CPU runs its tasks one after another, for --slice at most.',
    'It does badly under uneven loads (a CPU is idle while tasks wait at another), and for latency: who wakes up waits for a turn of every task of the CPU. It ignores weights and deadlines.',
  ],
  params: { slice: duration('How long a turn is', { default: '5ms' }) },
  promises: { noStarvation: true },
  create({ params, tasks, cpus, run, queue }) {
    const queues = Array.from({ length: cpus.count }, () => queue());
    const home = new Int32Array(tasks.capacity);
    let dealt = 0;

    function deal(task: TaskId) {
      dealt = dealt + 1 === cpus.count ? 0 : dealt + 1;
      home[task] = tasks.allows(task, dealt) ? dealt : tasks.allowedCpu(task);
    }

    function fill(cpu: CpuId) {
      const task = queues[cpu]?.shift() ?? NONE;
      if (task !== NONE) run(task, cpu, params.slice);
    }

    function enqueue(task: TaskId) {
      const cpu = home[task] as number;
      queues[cpu]?.push(task);
      if (cpus.pending(cpu) === 0) fill(cpu);
    }

    return {
      taskNew: deal,
      taskRunnable: enqueue,
      cpuIdle: fill,
      taskAffinityChanged(task) {
        if (tasks.allows(task, home[task] as number)) return;
        deal(task);
        if (tasks.isWaiting(task)) enqueue(task);
      },
    };
  },
});
