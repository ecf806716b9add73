import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SuiteResult, TestResult } from '../../src/core/test-result.ts';
import { type DevboxResult, devbox, startDevbox, temporaryDirectory } from '../support/devbox.ts';
import { leftovers, untilGone } from '../support/leftovers.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'devbox-suites-')));
const runtimeDir = join(dir, 'runtime');
const env = { XDG_RUNTIME_DIR: runtimeDir };
afterAll(() => rmSync(dir, { recursive: true }));

function write(name: string, ...lines: readonly string[]): void {
  const path = join(dir, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `${lines.join('\n')}\n`);
  if (name.endsWith('.sh')) chmodSync(path, 0o755);
}
const script = (name: string, ...lines: readonly string[]) => write(name, '#!/bin/sh', ...lines);

beforeAll(() => {
  mkdirSync(runtimeDir);
  const entry = (finding: string) => ({ finding, kernel: '*', why: 'so it is' });
  const suites = {
    all: { files: 'all/*', smp: [2], jobs: 2, timeout: '20s' },
    flaky: { files: 'flaky/*', smp: [1], retries: 2 },
    lingers: { files: 'lingers/*', smp: [1] },
    endless: { files: 'endless/*', smp: [1] },
    known: { files: 'known/*', smp: [1], known: [entry('kernel/foo.c:1 foo'), entry('mended_since')] },
  };
  write('devbox.config.json', JSON.stringify({ suites }));

  script('all/passes.sh', 'echo fine');
  script('all/fails.sh', 'echo why >&2', 'exit 3');
  script('all/skips.sh', 'exit 4');
  script('all/fills-disk.sh', 'head -c 4G /dev/zero > /root/large');
  script('all/fills-disk2.sh', 'head -c 1M /dev/zero > /root/small');
  script(
    'all/kills-guest-agent.sh',
    'kill -9 1',
    'cd /sys/bus/virtio/drivers/virtio_console',
    'for each in virtio*; do echo "$each" > unbind; done',
    'sleep 100',
  );
  script(
    'all/kills-agent.sh',
    '# devbox-test: agent=fifo-bpf',
    "kill -9 $(pgrep -f 'runtime/main.js fifo-bpf')",
    'sleep 100',
  );
  script('all/tap-number.sh', 'echo TAP version 13; echo 1..2; echo "ok 1 - one"; echo "ok 3 - three"');
  script('all/tap.sh', 'echo TAP version 13; echo 1..2; echo "ok 1 - one"; echo "not ok 2 - two"');
  script('all/plan.sh', 'echo 1..3; echo "ok 1 - one"');
  script('all/terminal.sh', String.raw`printf '\033[2J\033]0;title\007'; exit 1`);
  script('all/large.sh', 'head -c 1000000000 /dev/zero', 'exit 1');
  script('all/children.sh', '(setsid sleep 1000 &)', '(setsid yes >/dev/null &)', 'exit 0');
  script('all/children2.sh', 'test "$(pgrep -c -x yes)" = 0');
  script(
    'all/ignores-term.sh',
    '# devbox-test: timeout=1s',
    "trap '' TERM",
    'echo begun',
    'while :; do sleep 1; done',
  );
  const warning = 'WARNING: CPU: 0 PID: 1 at kernel/foo.c:1 foo+0x1/0x2';
  script('all/warns.sh', `echo "<4>${warning}" > /dev/kmsg`);
  script('known/warns.sh', `echo "<4>${warning}" > /dev/kmsg`);
  script('all/panics.sh', 'echo c > /proc/sysrq-trigger; sleep 100');
  script(
    'all/powers-off.sh',
    'for i in 1 2 3 4; do while :; do echo talks on; sleep 0.002; done & done',
    'sleep 0.2; echo o > /proc/sysrq-trigger; sleep 100',
  );
  script(
    'all/stalls.sh',
    '# devbox-test: agent=stall,--comm=victim',
    'cp "$(which sleep)" /tmp/victim',
    '/tmp/victim 1',
    'sleep 100',
  );
  script(
    'all/wants-panic.sh',
    '# devbox-test: expect=kernel-panic',
    'echo c > /proc/sysrq-trigger; sleep 100',
  );
  script('all/wants-warning.sh', '# devbox-test: expect=kernel-splat', 'true');
  write('all/compiled.c', '#include <stdio.h>', 'int main(void) { puts("1..1\\nok 1 - in C"); return 0; }');
  write('all/mistaken.c', 'int main(void) { return undeclared; }');
  write(
    'all/typed.test.ts',
    "import assert from 'node:assert/strict';",
    "import { test } from 'node:test';",
    "import { allowedCpus, onlineCpus, pin } from 'devbox/guest';",
    "test('sees the CPUs it was given', () => assert.equal(onlineCpus().length, Number(process.env.DEVBOX_SMP)));",
    "test('pins itself', () => { pin(1); assert.deepEqual(allowedCpus(), [1]); });",
  );
  script('flaky/second-time.sh', 'test -e ../tried && exit 0', 'touch ../tried', 'exit 1');
  script(
    'lingers/panics-when-it-is-over.sh',
    // Before the guest can be shut down: with a higher priority than PID 1 has.
    'lingers="echo 0 > /sys/fs/cgroup/cgroup.procs; while kill -0 $$; do sleep 0.001; done; echo c > /proc/sysrq-trigger"',
    'chrt --fifo 60 sh -c "$lingers" </dev/null >/dev/null 2>&1 &',
    'until grep -qx 0::/ /proc/$!/cgroup; do :; done',
  );
  script('lingers/sleeps.sh', 'sleep 3');
  script('endless/one.sh', '# devbox-test: timeout=10m', 'echo begun > ../begun', 'sleep 1000');
  script('endless/two.sh', 'true');
});

describe('a suite with every kind of test and of failure', () => {
  let run: DevboxResult;
  let suite: SuiteResult;
  beforeAll(async () => {
    run = await devbox(['test', 'all', '--reporter', 'json:all.json', '--reporter', 'junit:all.xml'], {
      cwd: dir,
      env,
    });
    suite = JSON.parse(readFileSync(join(dir, 'all.json'), 'utf8')) as SuiteResult;
  });
  const result = (name: string) => suite.results.find(({ file }) => file === `all/${name}`) as TestResult;
  const ended = (name: string) => {
    const { outcome, verdict } = result(name);
    return outcome === 'failed' ? verdict.kind : outcome;
  };

  it('ends each in the verdict that it deserves', () => {
    const all = Object.fromEntries(
      suite.results.map(({ file }) => [file.replace('all/', ''), ended(file.replace('all/', ''))]),
    );
    expect(all).toEqual({
      'children.sh': 'passed',
      'children2.sh': 'passed',
      'compiled.c': 'passed',
      'fails.sh': 'test-failed',
      'fills-disk.sh': 'test-failed',
      'fills-disk2.sh': 'passed',
      'ignores-term.sh': expect.stringMatching(/^(?:test-failed|inconclusive)$/),
      'kills-agent.sh': 'agent-failed',
      'kills-guest-agent.sh': 'test-failed',
      'large.sh': 'test-failed',
      'mistaken.c': 'test-failed',
      'panics.sh': 'kernel-panic',
      'passes.sh': 'passed',
      'plan.sh': 'test-failed',
      'powers-off.sh': 'test-failed',
      'skips.sh': 'skipped',
      'stalls.sh': expect.stringMatching(/^(?:scheduler-ejected|inconclusive)$/),
      'tap-number.sh': 'test-failed',
      'tap.sh': 'test-failed',
      'terminal.sh': 'test-failed',
      'typed.test.ts': 'passed',
      'wants-panic.sh': 'passed',
      'wants-warning.sh': 'test-failed',
      'warns.sh': 'kernel-splat',
    });
    expect(run.code).toBe(1);
  });

  it('tells them in the order of their names, whichever guest was first', () => {
    const names = suite.results.map(({ file }) => file);
    expect(names).toEqual([...names].sort());
  });

  it('quotes what belongs to each: output, subtests, console', () => {
    expect(result('fails.sh')).toMatchObject({
      output: 'why\n',
      again: expect.stringContaining('all/fails.sh'),
    });
    expect(result('tap.sh').subtests.map(({ path, outcome }) => [path, outcome])).toEqual([
      [['one'], 'passed'],
      [['two'], 'failed'],
    ]);
    expect(result('typed.test.ts').subtests).toHaveLength(2);
    expect(result('mistaken.c').output).toContain(`${dir}/all/mistaken.c:1:25: error:`);
    expect(result('warns.sh').console.join('\n')).toContain('kernel/foo.c:1');
    expect(result('fails.sh').console.join('\n')).not.toContain('kernel/foo.c:1');
    expect(result('panics.sh').verdict.summary).toContain('Kernel panic');
  });

  it('keeps the beginning and the end of what is large, and never lets control sequences through', () => {
    expect(result('large.sh').output.length).toBeLessThan(200_000);
    expect(result('large.sh').output).toContain('bytes left out');
    expect(run.stdout).not.toContain('\u001b');
    expect(run.stdout).toContain('^[[2J');
  });

  it('writes what CI reads', () => {
    const xml = readFileSync(join(dir, 'all.xml'), 'utf8');
    expect(xml).toContain('type="kernel-panic"');
    expect(xml.match(/<testcase /g)?.length).toBeGreaterThanOrEqual(24);
  });

  it('leaves nothing behind', () => {
    expect(leftovers(runtimeDir)).toEqual([]);
  });
});

it('calls a test flaky that passes when it is tried again', async () => {
  const { code, stdout } = await devbox(['test', 'flaky', '--reporter', 'tap'], { cwd: dir, env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^TAP version 14/);
  expect(stdout).toContain('flaky');
});

it('takes what a kernel is known for as to do, and says what of that it did not find', async () => {
  const { code, stdout } = await devbox(['test', 'known'], { cwd: dir, env });
  expect(stdout).toMatch(/todo: .*warns\.sh.*This is known: so it is/);
  expect(stdout).toContain('Known, and not found: "mended_since" on * did not show in the test');
  expect(stdout).not.toContain('not found: "kernel/foo.c');
  expect(code).toBe(0);
});

it('judges by what becomes of a guest whose last test is over, too', async () => {
  const { code, stdout } = await devbox(['test', 'lingers'], { cwd: dir, env });
  expect(stdout).toMatch(/^kernel-panic: [23] tests: 1 failed, [12] passed\.$/m);
  expect(stdout).toContain('Kernel panic - not syncing: sysrq triggered crash');
  expect(code).toBe(103);
});

it('ends at Ctrl-C, and writes its reports all the same', async () => {
  const started = startDevbox(['test', 'endless', '-j', '1', '--reporter', 'json:endless.json'], {
    cwd: dir,
    env,
  });
  await started.seen('suite endless');
  const begun = join(dir, 'begun');
  await expect.poll(() => leftovers(runtimeDir).length, { timeout: 60_000 }).toBeGreaterThan(0);
  await expect.poll(() => readFileSync(begun, 'utf8'), { timeout: 60_000 }).toBe('begun\n');
  started.process.kill('SIGINT');
  const { code, stdout } = await started.result;
  expect(code).toBe(130);
  expect(stdout).toContain('cancelled: 2 tests: 2 cancelled.');
  const { results } = JSON.parse(readFileSync(join(dir, 'endless.json'), 'utf8')) as SuiteResult;
  expect(results.map(({ verdict }) => verdict.kind)).toEqual(['cancelled', 'cancelled']);
  await untilGone(runtimeDir);
  expect(leftovers(runtimeDir)).toEqual([]);
});

describe('refuses at once', () => {
  it.each([
    [['test', 'al'], 'There is no suite "al". Did you mean "all"?'],
    [['test', './none/*.sh'], 'No file matches none/*.sh'],
    [['test', './none.sh'], 'hint: Files are looked for from there'],
    [['test', 'all', '--grep', 'zzz'], 'nothing would be tested'],
    [['test', 'all', './flaky/second-time.sh'], 'is not one of the suite all'],
    [['test', 'all', '--reporter', 'xml'], 'there is no form "xml"'],
    [['test', 'all', '--reporter', 'junit:no/such/dir.xml'], 'cannot be written to no/such/dir.xml'],
    [['test', 'all', '--shard', '5/4'], '--shard 5/4'],
    [['test', 'all', '--agent', 'fif'], 'There is no agent "fif". Did you mean "fifo"?'],
    [['test'], 'none is called "default"'],
  ])('%j', async (words, message) => {
    const { code, stderr } = await devbox(words, { cwd: dir, env });
    expect(stderr).toContain(message);
    expect(code).toBe(64);
  });
});

describe('refuses a configuration, with the value that is wrong', () => {
  it.each([
    [
      '{"suites": {"a": {"files": "*.sh", "kernel": ["scx"]}}}',
      'unknown key "kernel". Did you mean "kernels"?',
    ],
    ['{"suites": {"a": {"files": "*.sh", "retries": "two"}}}', 'suites.a.retries'],
    ['{"suites": {"a": {"files": "*.sh", "timeout": "soon"}}}', '"soon" is not a time'],
    ['{"suites": {"a": {"files": "a.sh"}, "a": {"files": "b.sh"}}}', 'the key stands there twice'],
    ['{"suites": {"a": {"files": "*.sh"}}}', 'No file matches *.sh'],
  ])('%s', async (text, message) => {
    using other = temporaryDirectory();
    writeFileSync(join(other.path, 'devbox.config.json'), text);
    const { code, stderr } = await devbox(['test'], { cwd: other.path, env });
    expect(stderr).toContain(message);
    expect(code).toBe(64);
  });
});

it('lists what would be run, and runs nothing', async () => {
  const { code, stdout } = await devbox(['test', 'all', '--grep', 'pass', '--smp', '1,2', '--list'], {
    cwd: dir,
    env,
  });
  expect(code).toBe(0);
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/).slice(0, 3)),
  ).toEqual([
    ['all/passes.sh', 'scx', 'smp 1'],
    ['all/passes.sh', 'scx', 'smp 2'],
  ]);
});
