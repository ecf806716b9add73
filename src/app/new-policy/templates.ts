/** What `devbox agent new` writes. README.md shows the same policy. */

export const POLICY_TEXT = `import { definePolicy, duration, NONE } from 'devbox/policy';

export default definePolicy({
  summary: 'One queue for all CPUs, and the same slice for every task',
  params: { slice: duration('How long a task runs at a time', { default: '5ms' }) },
  create({ params, tasks, cpus, queue, run }) {
    const waiting = queue();
    return {
      taskRunnable: (task) => waiting.push(task),
      schedule() {
        for (let cpu = 0; cpu < cpus.count; cpu++) {
          if (cpus.pending(cpu) > 0) continue;
          let task = waiting.peek();
          while (task !== NONE && !tasks.allows(task, cpu)) task = waiting.after(task);
          if (task !== NONE) run(task, cpu, params.slice);
        }
      },
    };
  },
});
`;

/** `file`: the name of the policy's file. */
export function testText(file: string): string {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from 'devbox/sim';
import policy from './${file}';

test('keeps all CPUs busy while there is enough to do', () => {
  const { utilisation } = simulate(policy, { smp: 4, workload: 'spin: --threads 8', duration: '1s' });
  assert.ok(utilisation > 0.99, \`the CPUs were busy for \${utilisation} of the time\`);
});

test('gives threads that only compute the same share', () => {
  const { jain } = simulate(policy, { smp: 4, workload: 'spin: --threads 6', duration: '2s', seed: 7 });
  assert.ok(jain > 0.95, \`Jain's index of their CPU time is \${jain}\`);
});
`;
}

export const TSCONFIG_TEXT = `{
  "compilerOptions": {
    "target": "esnext",
    "lib": ["esnext"],
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "skipLibCheck": true
  }
}
`;

export const PACKAGE_TEXT = `{
  "private": true,
  "type": "module",
  "scripts": {
    "test": "node --test",
    "check": "tsc"
  }
}
`;
