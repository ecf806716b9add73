import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  boot,
  type DevboxEvent,
  enter,
  exec,
  Failure,
  listGuests,
  listTests,
  readEvents,
  readRun,
  run,
  runSuite,
  type Vm,
} from '../../src/index.ts';
import { leftovers } from '../support/leftovers.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'devbox-library-')));
const runtimeDir = join(dir, 'runtime');
mkdirSync(runtimeDir);
process.env.XDG_RUNTIME_DIR = runtimeDir;
afterAll(() => rmSync(dir, { recursive: true }));

describe('a guest that a program boots', () => {
  let vm: Vm;
  beforeAll(async () => {
    vm = await boot({ cwd: dir, smp: 2, memory: '512M' });
  });
  afterAll(async () => {
    expect((await vm.close()).kind).toBe('passed');
    expect(leftovers(runtimeDir)).toEqual([]);
  });

  it('runs programs and gives back what they print and how they end', async () => {
    const shell = 'echo out; echo err >&2; exit 3';
    expect(await vm.exec(['sh', '-c', shell])).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'err\n' });
    expect(await vm.exec(['sh', '-c', 'kill -TERM $$'])).toMatchObject({ signal: 'SIGTERM' });
    expect(vm.vcpus).toBe(2);
    expect((await vm.exec(['uname', '-r'])).stdout.trim()).toBe(vm.release);
  });

  it('runs each in a cgroup of its own from its start, with what it starts', async () => {
    const { stdout } = await vm.exec(['sh', '-c', 'cat /proc/$$/cgroup /proc/self/cgroup']);
    expect(stdout).toMatch(/^(0::\/devbox\/exec-\d+\n)\1$/);
  });

  it('feeds standard input, byte for byte', async () => {
    const input = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256));
    const { stdoutBytes } = await vm.exec(['cat'], { input });
    expect(stdoutBytes.equals(input)).toBe(true);
  });

  it('sees the working directory, and has files of its own', async () => {
    writeFileSync(join(dir, 'here'), 'from the host');
    expect((await vm.exec(['cat', 'here'])).stdout).toBe('from the host');
    await vm.writeFile('/tmp/note', 'from the test');
    expect(String(await vm.readFile('/tmp/note'))).toBe('from the test');
  });

  it('kills what takes too long, or is no longer wanted', async () => {
    await expect(vm.exec(['sleep', '1000'], { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'exec-timeout',
    });
    const signal = AbortSignal.timeout(50);
    await expect(vm.exec(['sleep', '1000'], { signal })).rejects.toThrow('timeout');
    expect((await vm.exec(['pgrep', '-x', 'sleep'])).stdout).toBe('');
  });

  it('says what cannot be started, and what prints too much', async () => {
    await expect(vm.exec(['/no/such/program'])).rejects.toMatchObject({ errno: 'ENOENT' });
    const much = vm.exec(['head', '-c', '100000', '/dev/zero'], { maxOutputBytes: 1000 });
    await expect(much).rejects.toMatchObject({ code: 'too-much-output' });
  });
});

it('tells of a kernel that complained, and keeps the record', async () => {
  const vm = await boot({ cwd: dir, smp: 1, share: [] });
  await vm.writeFile('/dev/kmsg', '<4>WARNING: CPU: 0 PID: 1 at kernel/foo.c:1 foo+0x1/0x2\n');
  const verdict = await vm.close();
  expect(verdict).toMatchObject({ kind: 'kernel-splat', summary: expect.stringContaining('kernel/foo.c') });
  expect(vm.findings).toHaveLength(1);
  expect(existsSync(join(vm.record, 'result.json'))).toBe(true);
});

it('leaves nothing behind, closed or disposed of', async () => {
  {
    await using vm = await boot({ cwd: dir, smp: 1 });
    expect(vm.vcpus).toBe(1);
    expect(leftovers(runtimeDir)).not.toEqual([]);
  }
  expect(leftovers(runtimeDir)).toEqual([]);
});

it('rejects with a Failure for what cannot be, and for a guest that does not come up', async () => {
  await expect(boot({ cwd: dir, smp: 1000 })).rejects.toThrow(Failure);
  await expect(boot({ cwd: join(dir, 'none') })).rejects.toMatchObject({ code: 'bad-directory' });
  await expect(boot({ cwd: dir, share: ['none'] })).rejects.toMatchObject({ code: 'bad-share' });
  await expect(boot({ cwd: dir, memory: '64M' })).rejects.toMatchObject({ code: 'bad-memory' });
  writeFileSync(join(dir, 'bzImage'), 'no kernel');
  await expect(boot({ cwd: dir, kernel: './bzImage' })).rejects.toMatchObject({ kind: 'usage' });
  await expect(boot({ cwd: dir, signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'cancelled' });
});

it('runs a scheduler and gives its verdict and figures', async () => {
  const { verdict, reports } = await run({ cwd: dir, agent: 'fifo', smp: 2, workload: { name: 'simple' } });
  expect(verdict.kind).toBe('passed');
  expect(reports.map(({ report }) => report.type)).toContain('agent-stats');
});

it('runs a suite of tests and gives a verdict for each and for all', async () => {
  writeFileSync(join(dir, 'passes.sh'), '#!/bin/sh\necho fine\n');
  writeFileSync(join(dir, 'fails.sh'), '#!/bin/sh\nexit 3\n');
  const events: string[] = [];
  const { results, verdict, record } = await runSuite({
    ...{ cwd: dir, files: ['*.sh'], smp: [1] },
    onEvent: ({ type }) => void events.push(type),
  });
  expect(results.map(({ file, outcome, output }) => [file, outcome, output])).toEqual([
    ['fails.sh', 'failed', ''],
    ['passes.sh', 'passed', 'fine\n'],
  ]);
  expect(verdict.kind).toBe('test-failed');
  expect(existsSync(join(record, 'result.json'))).toBe(true);
  expect(events.filter((type) => type === 'test-finished')).toHaveLength(2);
  await expect(runSuite({ cwd: dir, files: ['none*'] })).rejects.toMatchObject({ code: 'no-tests' });
  expect(leftovers(runtimeDir)).toEqual([]);
});

/** Hears what a command prints. */
function hearing() {
  const said: Buffer[] = [];
  const onEvent = (event: DevboxEvent) => {
    if (event.type === 'guest-output') said.push(Buffer.from(event.data));
  };
  return { onEvent, said: () => Buffer.concat(said).toString() };
}

it('runs a command as `devbox exec` does, and finds it in its record', async () => {
  const { onEvent, said } = hearing();
  const argv = ['sh', '-c', 'echo said; exit 3'];
  const outcome = await exec({ cwd: dir, smp: 1, argv, onEvent, command: ['mine'] });
  expect(outcome).toMatchObject({ verdict: { kind: 'test-failed' }, exitCode: 3, exit: { code: 3 } });
  expect(said()).toBe('said\n');
  const entry = await readRun('latest', { cwd: dir });
  expect(entry).toMatchObject({ dir: outcome.record, info: { command: ['mine'] } });
  expect((await Array.fromAsync(readEvents(entry.dir))).at(-1)).toMatchObject({
    type: 'run-finished',
    exitCode: 3,
  });
});

it('keeps the guest of a test that failed, which can be entered, until it is disposed of', async () => {
  const wants = { cwd: dir, files: ['fails-late.sh'], smp: [1] };
  writeFileSync(join(dir, 'fails-late.sh'), '#!/bin/sh\necho left > /tmp/left\nexit 1\n');
  expect(await listTests(wants)).toEqual([
    { file: 'fails-late.sh', kernel: 'scx', smp: '1', agent: [], expect: 'passed' },
  ]);
  const { kept, results } = await runSuite({ ...wants, keep: true });
  if (!kept) throw new Error('no guest was kept');
  expect(results[0]?.outcome).toBe('failed');
  expect((await listGuests()).map(({ runId }) => runId)).toEqual([kept.runId]);
  const { onEvent, said } = hearing();
  await enter({ guest: kept.runId, as: 'exec', argv: ['cat', '/tmp/left'], cwd: dir, onEvent });
  expect(said()).toBe('left\n');
  await kept[Symbol.asyncDispose]();
  expect(leftovers(runtimeDir)).toEqual([]);
});
