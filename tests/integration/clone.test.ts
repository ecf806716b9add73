import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheDir } from '../../src/platform/paths.ts';
import { copyCheckout } from '../support/checkout-copy.ts';
import { devbox, latestRecord, startDevbox, temporaryDirectory } from '../support/devbox.ts';
import { leftovers, untilGone } from '../support/leftovers.ts';

const TEMPLATES = join(cacheDir(), 'store', 'template');

/** A machine that was never booted before, and is a small one. */
const newMachine = () => ['--smp', '1', '--memory', '256M', '--append', `test=${randomUUID()}`];

const templates = () =>
  existsSync(TEMPLATES) ? readdirSync(TEMPLATES).filter((name) => !name.startsWith('.')) : [];

/** Runs a shell command in a guest, and says how the guest came to be. */
async function exec(cwd: string, machine: readonly string[], command: string) {
  const run = await devbox(['exec', ...machine, '--', 'sh', '-c', command], { cwd });
  const record = latestRecord(cwd);
  const events = record.read('events.ndjson');
  return { ...run, record, events, cloned: /"stage":"boot"[^\n]*, cloned"/.test(events) };
}

describe('a run is a clone of a machine that was booted once', () => {
  it('with random numbers of its own, the right time, its share, and all that the console said', async () => {
    using dir = temporaryDirectory();
    const machine = newMachine();
    const draw =
      'cat /proc/sys/kernel/random/uuid; head -c 16 /dev/urandom | od -An -tx1; cat /proc/sys/kernel/random/boot_id; echo $RANDOM; date +%s; pwd';
    const runs = [];
    for (let i = 0; i < 3; i++) runs.push(await exec(dir.path, machine, draw));
    const lines = runs.map(({ stdout }) => stdout.split('\n'));
    for (const line of [0, 1, 2]) expect(new Set(lines.map((all) => all[line])).size).toBe(3);
    for (const [index, { cloned, code, record }] of runs.entries()) {
      expect(code).toBe(0);
      expect(cloned).toBe(true);
      expect(lines[index]?.[5]).toBe(dir.path);
      const started = Date.parse(String(record.result.startedAt)) / 1000;
      expect(Number(lines[index]?.[4]) - started).toBeGreaterThanOrEqual(-1);
      expect(Number(lines[index]?.[4]) - started).toBeLessThan(60);
      const console = record.read('console.log');
      expect(console.match(/Linux version/g)).toHaveLength(1);
      expect(console).toContain('virtiofs');
    }
  });

  it('unless a boot is asked for', async () => {
    using dir = temporaryDirectory();
    const before = templates().length;
    const { code, cloned } = await exec(dir.path, [...newMachine(), '--fresh-boot'], 'true');
    expect(code).toBe(0);
    expect(cloned).toBe(false);
    expect(templates().length).toBe(before);
  });

  it('also when several want the same new machine at once', async () => {
    using dir = temporaryDirectory();
    const machine = newMachine();
    const run = (n: number) => devbox(['exec', ...machine, '--', 'echo', String(n)], { cwd: dir.path });
    const runs = await Promise.all([run(0), run(1), run(2)]);
    expect(runs.map(({ code, stdout }) => [code, stdout])).toEqual([0, 1, 2].map((n) => [0, `${n}\n`]));
  });
});

const DRAWING_POLICY = `
import { randomBytes } from 'node:crypto';
import { definePolicy, NONE } from 'devbox/policy';

export default definePolicy({
  summary: 'fifo that draws numbers',
  create({ tasks, cpus, queue, run }) {
    console.log('drawn', Math.random(), randomBytes(8).toString('hex'));
    const waiting = queue();
    return {
      taskRunnable: (task: number) => waiting.push(task),
      schedule() {
        for (let cpu = 0; cpu < cpus.count; cpu++) {
          if (cpus.pending(cpu) > 0) continue;
          let task = waiting.peek();
          while (task !== NONE && !tasks.allows(task, cpu)) task = waiting.after(task);
          if (task !== NONE) run(task, cpu, 5e6);
        }
      },
    };
  },
});
`;

describe('the program of agents waits in a clone that is for one', () => {
  /** Its command line, when it was started, in ticks since the boot, and its name. */
  const AGENT =
    "pid=$(pgrep -f '^/usr/local/bin/node .*/main.js'); tr '\\0' ' ' </proc/$pid/cmdline; echo; cut -d' ' -f22 /proc/$pid/stat; cat /proc/$pid/comm; [ $pid = $(pidof node) ] && echo found";

  it('was started before it was frozen, and becomes what it is told to be, with random numbers of its own', async () => {
    using dir = temporaryDirectory();
    writeFileSync(join(dir.path, 'drawing.ts'), DRAWING_POLICY);
    const words = ['--accel', 'tcg', '--workload', AGENT, './drawing.ts'];
    const runs = [];
    for (let i = 0; i < 2; i++) runs.push(await devbox(['run', ...words], { cwd: dir.path }));
    const said = runs.map(({ code, stdout }) => {
      expect(code, stdout).toBe(0);
      const lines = [...stdout.matchAll(/ (?:workload|agent) +│ (.*)$/gm)].map(([, text = '']) =>
        text.trim(),
      );
      const at = lines.findIndex((line) => line.includes('/main.js'));
      return {
        title: lines[at],
        started: lines[at + 1],
        name: lines[at + 2],
        found: lines[at + 3],
        drawn: lines.find((line) => line.startsWith('drawn')),
      };
    });
    const [first, second] = said;
    expect(first?.title).toBe(
      `/usr/local/bin/node /opt/devbox/agents/runtime/main.js ${dir.path}/drawing.ts`,
    );
    expect(second?.started).toBe(first?.started);
    expect(first?.name).not.toContain('/');
    expect(first?.found).toBe('found');
    expect(first?.drawn).toMatch(/^drawn 0\.\d+ [0-9a-f]{16}$/);
    const [, number, bytes] = first?.drawn?.split(' ') ?? [];
    expect(second?.drawn).not.toContain(number);
    expect(second?.drawn).not.toContain(bytes);
  });

  it('is not there otherwise', async () => {
    using dir = temporaryDirectory();
    const { stdout } = await exec(dir.path, [], 'pgrep -c node');
    expect(stdout).toBe('0\n');
  });
});

/** Puts something else in the place of a template's state, so that only QEMU can tell. */
function forgeState(template: string): void {
  const state = Buffer.from('not what QEMU expects');
  writeFileSync(join(template, 'state'), state);
  const manifest = JSON.parse(readFileSync(join(template, 'manifest.json'), 'utf8'));
  const file = manifest.files.find(({ path }: { path: string }) => path === 'state');
  file.size = state.length;
  file.sha256 = createHash('sha256').update(state).digest('hex');
  writeFileSync(join(template, 'manifest.json'), JSON.stringify(manifest));
}

describe('a run boots by itself', () => {
  it('when its template is of no use, says so, and does not try it with every run', async () => {
    using dir = temporaryDirectory();
    const machine = newMachine();
    const before = templates();
    await exec(dir.path, machine, 'true');
    const made = templates().filter((key) => !before.includes(key));
    expect(made).toHaveLength(1);
    forgeState(join(TEMPLATES, made[0] as string));
    for (const _ of [1, 2]) {
      const run = await exec(dir.path, machine, 'pwd');
      expect(run.cloned).toBe(false);
      expect(run.stdout).toBe(`${dir.path}\n`);
      expect(run.events).toContain('This guest is booted, not cloned');
      expect(run.record.read('console.log').match(/Linux version/g)).toHaveLength(1);
    }
  });

  it('when its template was damaged: that is made anew', async () => {
    using dir = temporaryDirectory();
    const machine = newMachine();
    const before = templates();
    await exec(dir.path, machine, 'true');
    const made = templates().filter((key) => !before.includes(key));
    writeFileSync(join(TEMPLATES, made[0] as string, 'ram'), 'damaged');
    const run = await exec(dir.path, machine, 'pwd');
    expect(run.stdout).toBe(`${dir.path}\n`);
    expect(run.cloned).toBe(true);
  });

  it('when its kernel complained while it booted, and tells of that each time', async () => {
    using checkout = copyCheckout((copy) => {
      const file = join(copy, 'native/guest/main.c');
      const source = readFileSync(file, 'utf8');
      const complain = `
        int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
        dprintf(log, "<4>WARNING: CPU: 0 PID: 1 at test.c:1 test\\n");
        close(log);`;
      const changed = source.replace('    boot_system();', `    boot_system();${complain}`);
      expect(changed).not.toBe(source);
      writeFileSync(file, changed);
    });
    using dir = temporaryDirectory();
    const before = templates();
    for (const _ of [1, 2]) {
      const run = await checkout.run(['exec', '--smp', '1', '--', 'pwd'], dir.path);
      expect(run.stdout).toBe(`${dir.path}\n`);
      expect(latestRecord(dir.path).result).toMatchObject({ verdict: { kind: 'kernel-splat' } });
    }
    expect(templates()).toEqual(before);
  });
});

describe('nothing is left of a run that is killed while it boots, freezes or clones', () => {
  it.each([300, 1500, 2500, 3000, 3500, 4500])('after %i ms', async (ms) => {
    using dir = temporaryDirectory('dbx-');
    const options = { cwd: dir.path, env: { XDG_RUNTIME_DIR: dir.path } };
    const machine = newMachine();
    const run = startDevbox(['exec', ...machine, '--', 'sleep', '60'], options);
    await new Promise((resolve) => setTimeout(resolve, ms));
    run.process.kill('SIGKILL');
    await run.result;
    const files = leasedFiles(dir.path);
    const next = await devbox(['exec', ...machine, '--', 'echo', 'works'], options);
    expect(next.stdout).toBe('works\n');
    await untilGone(dir.path);
    expect(leftovers(dir.path)).toEqual([]);
    expect(files.filter((file) => existsSync(file))).toEqual([]);
    expect(readdirSync(TEMPLATES).filter((name) => name.startsWith('.tmp-'))).toEqual([]);
  });
});

/** What lies outside of the directories of leases. */
function leasedFiles(runtimeDir: string): string[] {
  const root = join(runtimeDir, 'devbox');
  const leases = existsSync(root) ? readdirSync(root) : [];
  return leases.flatMap((lease) => {
    const list = join(root, lease, 'files');
    return existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n') : [];
  });
}
