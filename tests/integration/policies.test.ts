import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { devbox, latestRecord, temporaryDirectory } from '../support/devbox.ts';

interface Told {
  readonly type: string;
  readonly report?: { readonly type: string } & Readonly<Record<string, unknown>>;
}

function reports(dir: string, type: string) {
  const events: Told[] = latestRecord(dir)
    .read('events.ndjson')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return events.flatMap(({ report }) => (report?.type === type ? [report] : []));
}

/** Once there are many tasks, and they sleep and wake up, it is away for 3 s. */
const DAWDLES = `import { definePolicy } from 'devbox/policy';

export default definePolicy({
  summary: 'Dawdles once',
  create({ run }) {
    let tasks = 0;
    let turns = 0;
    return {
      taskNew() {
        tasks += 1;
      },
      taskRunnable(task) {
        if (tasks >= 200) turns += 1;
        if (turns === 100) {
          const until = Date.now() + 3000;
          while (Date.now() < until);
        }
        run(task, -1, 5_000_000);
      },
    };
  },
});
`;

/** Once there is a gate, it waits until somebody who needs its decisions opens it. */
const WAITS = `import { existsSync, readFileSync } from 'node:fs';
import { definePolicy } from 'devbox/policy';

export default definePolicy({
  summary: 'Waits for its own tasks',
  create({ run }) {
    let hasWaited = false;
    return {
      taskRunnable(task) {
        if (!hasWaited && existsSync('/tmp/gate')) {
          hasWaited = true;
          readFileSync('/tmp/gate');
        }
        run(task, -1, 5_000_000);
      },
    };
  },
});
`;

/** Tells after each ten times how often the CPU interrupted itself to wake somebody up while two tasks took turns on it. */
const SWITCHES_A_CPU = `cpu=/sys/devices/system/cpu/cpu3/online
interrupts() { set -- $(grep IWI: /proc/interrupts); echo $5; }
for other in 1 2 3; do (while :; do (:); done) & done
for round in 1 2 3 4 5 6; do
  for time in 1 2 3 4 5 6 7 8 9 10; do echo 0 >$cpu; echo 1 >$cpu; done
  before=$(interrupts)
  taskset -c 3 timeout 1 sh -c 'while :; do :; done' & first=$!
  taskset -c 3 timeout 1 sh -c 'while :; do :; done'
  wait $first
  echo $(($(interrupts) - before))
done
exit 0
`;

describe('a policy written in TypeScript', () => {
  /** More of them wake up while the policy dawdles than the smallest ring has room for. */
  const sleepers = 'deadline: --threads 200 --period 1s --load 1 --duration 8s';

  it.each([
    ['the ring is too small', './dawdles.ts', '--ring', sleepers],
    ['there are more tasks than it may have', 'fifo', '--max-tasks', 'pingpong: --threads 8 --duration 2s'],
  ])(
    'runs those by itself of whom the policy cannot be told, and says so: %s',
    async (_, agent, flag, workload) => {
      using dir = temporaryDirectory();
      writeFileSync(join(dir.path, 'dawdles.ts'), DAWDLES);
      const options = ['--smp', '2', '--types', 'off', '--workload', workload];
      const run = await devbox(['run', ...options, agent, '--', flag, '1'], { cwd: dir.path });
      expect(run.stdout + run.stderr).toMatch(/^passed: /m);
      const totals = reports(dir.path, 'agent-stats').at(-1)?.totals as Record<string, number>;
      expect(totals.unsent).toBeGreaterThan(0);
      expect(run.stdout).toMatch(
        /The policy was not asked (?:once|\d+ times): the ring was full \(--ring N\)/,
      );
    },
  );

  it('may wait for one of its own tasks, which then does not wait for it', async () => {
    using dir = temporaryDirectory();
    writeFileSync(join(dir.path, 'waits.ts'), WAITS);
    const workload = 'mkfifo /tmp/gate; /bin/true; echo open >/tmp/gate; rm /tmp/gate; sleep 1';
    const options = ['--smp', '2', '--types', 'off', '--workload', workload];
    const run = await devbox(['run', ...options, './waits.ts'], { cwd: dir.path });
    expect(run.stdout + run.stderr).toMatch(/^passed: /m);
    const totals = reports(dir.path, 'agent-stats').at(-1)?.totals as Record<string, number>;
    expect(totals.unanswered).toBeGreaterThan(0);
    expect(run.stdout).toMatch(/The policy did not answer for long/);
  });

  it('is woken up as before when CPUs have gone and come back', async () => {
    using dir = temporaryDirectory();
    writeFileSync(join(dir.path, 'workload.sh'), SWITCHES_A_CPU);
    const run = await devbox(['run', '--smp', '4', '--workload', 'sh ./workload.sh', 'round-robin'], {
      cwd: dir.path,
    });
    expect(run.stdout + run.stderr).toMatch(/^passed: /m);
    const said = latestRecord(dir.path).read('streams/workload-stdout').trim().split('\n');
    expect(said).toHaveLength(6);
    // Of a CPU whose wake-ups were lost on its way out it stays 0 from then on.
    for (const interrupts of said) expect(Number(interrupts), said.join()).toBeGreaterThan(0);
  });

  it('has only the workload and what it starts, in partial mode', async () => {
    using dir = temporaryDirectory();
    const workload = 'chrt -p $$; /opt/devbox/bin/devbox-workload departed-many --threads 20';
    const args = ['run', '--smp', '2', '--workload', workload, 'round-robin', '--', '--mode', 'partial'];
    const run = await devbox(args, { cwd: dir.path });
    expect(run.stdout + run.stderr).toMatch(/^passed: /m);
    expect(latestRecord(dir.path).read('streams/workload-stdout')).toMatch(/SCHED_EXT|unknown/);
    const [metrics] = reports(dir.path, 'policy-metrics');
    expect(metrics?.turns).toBeGreaterThan(0);
  });
});

/** A policy whose `taskRunnable` does something else from the hundredth time on, in line 9. */
function policyThat(does: string): string {
  return `import { definePolicy } from 'devbox/policy';

export default definePolicy({
  summary: 'Misbehaves',
  create({ run }) {
    let count = 0;
    const kept: number[][] = [];
    const misbehave = (task: number) => {
      ${does}
    };
    return {
      taskRunnable(task) {
        count += 1;
        if (count >= 100) misbehave(task);
        else run(task, -1, 5_000_000);
      },
    };
  },
});
`;
}

describe('a policy that misbehaves ends with its file and line, and the workload goes on', () => {
  it.each([
    ['throws', "throw new Error('enough');", /The policy failed in task\w+\(\d+\): Error: enough/],
    ['says what cannot be', 'run(task, 999, 5_000_000);', /there is no CPU 999/],
    ['loops for ever', 'for (;;) count += 1;', /did not come back within 1500 ms/],
  ])('%s', async (_, does, says) => {
    using dir = temporaryDirectory();
    const error = await failureOf(dir.path, does, '300ms');
    expect(error?.message).toMatch(says);
    expect(error?.message).toContain('/mine.ts:9:');
    const [decisions] = reports(dir.path, 'policy-decisions');
    expect(decisions?.decisions).not.toHaveLength(0);
  });

  it('uses up its memory, and is told how much it had', async () => {
    using dir = temporaryDirectory();
    const error = await failureOf(dir.path, 'for (;;) kept.push(new Array(1e5).fill(1));', '5s');
    expect(error?.code).toBe('policy-out-of-memory');
    expect(error?.message).toMatch(/used up its memory, 256 MB|of 256 MB of memory used up/);
  });

  async function failureOf(dir: string, does: string, stall: string) {
    writeFileSync(join(dir, 'mine.ts'), policyThat(does));
    const workload = 'for i in $(seq 400); do /bin/true; done; sleep 1; touch survived; exec sleep 100';
    const options = ['--smp', '2', '--types', 'off', '--workload', workload];
    const run = await devbox(['run', ...options, './mine.ts', '--', '--stall', stall], { cwd: dir });
    expect(run.code).toBe(101);
    expect(latestRecord(dir).result).toMatchObject({ verdict: { kind: 'agent-failed' } });
    return reports(dir, 'agent-error')[0];
  }

  it('leaves tasks to the kernel when the agent is killed', async () => {
    using dir = temporaryDirectory();
    const workload = 'kill -9 $(pidof node); : > survived; exec sleep 100';
    const run = await devbox(['run', '--smp', '2', '--workload', workload, 'round-robin'], { cwd: dir.path });
    expect(run.code).toBe(101);
    expect(run.stdout + run.stderr).toMatch(/agent-failed.*SIGKILL/);
    expect(existsSync(join(dir.path, 'survived'))).toBe(true);
  });

  it.each([
    ['a parameter that it does not have', 'cfs', ['--slise', '1ms'], 64],
    ['a value that is out of range', 'cfs', ['--stall', '1h'], 64],
  ])('is refused %s before anything boots', async (_, policy, flags, code) => {
    using dir = temporaryDirectory();
    const run = await devbox(['run', policy, '--', ...flags], { cwd: dir.path });
    expect(run.code).toBe(code);
  });
});
