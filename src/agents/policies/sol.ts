import { definePolicy } from '../policy/define-policy.ts';
import { duration } from '../policy/params.ts';
import { ANY_CPU } from '../policy/policy.ts';

/**
 * As bare as it gets: whatever wants to run is sent on at once, to whichever CPU the kernel finds. What is left is the cost of
 * asking at all, so it is what other policies are measured against.
 *
 * Good at: deciding fast; no CPU is idle while a task waits.
 * Bad at: everything else. All tasks wait in one queue of the kernel and lose their cache; nobody is more important than others, and a
 * task whose affinity or nice value is changed while it waits goes to the end again.
 */
export default definePolicy({
  summary: 'As bare as it gets: every task goes to any CPU at once',
  description: [
    'Every task that wants to run is sent to whichever CPU runs dry first; the kernel keeps the only queue. It shows what asking a policy costs when the policy thinks nothing.',
    'It does badly at everything but that: tasks lose their cache, all CPUs share one queue, and weights, deadlines and classes are ignored.',
  ],
  params: {
    slice: duration('How long a task runs before it goes to the end of the queue', {
      default: '20ms',
      infinite: true,
    }),
  },
  promises: { workConserving: true },
  create({ params, run }) {
    return {
      taskRunnable: (task) => run(task, ANY_CPU, params.slice),
    };
  },
});
