import { execFile } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { devbox, latestRecord, startDevbox, temporaryDirectory } from '../support/devbox.ts';
import { leftovers } from '../support/leftovers.ts';

const run = promisify(execFile);

async function projectWithPolicy() {
  const dir = temporaryDirectory('dbp-');
  chmodSync(dir.path, 0o700);
  const { code, stdout } = await devbox(['agent', 'new', 'my-policy'], { cwd: dir.path });
  expect(code).toBe(0);
  return { dir, stdout, options: { cwd: dir.path, env: { XDG_RUNTIME_DIR: dir.path } } };
}

const POLICY_FILE = 'my-policy.ts';

function change(dir: string, from: string, to: string): void {
  const file = join(dir, POLICY_FILE);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}

describe('a policy of one’s own', () => {
  it('that agent new wrote passes its test, has its types right, runs in the simulator and schedules a guest', async () => {
    const { dir, stdout, options } = await projectWithPolicy();
    using _dir = dir;
    expect(stdout).toContain('devbox run ./my-policy.ts');
    const tested = await run('npm', ['test'], { cwd: dir.path });
    expect(tested.stdout).toMatch(/^ℹ pass 2$/m);
    await run('node_modules/.bin/tsc', [], { cwd: dir.path });

    const shown = await devbox(['agent', 'show', POLICY_FILE], options);
    expect(shown.stdout).toMatch(/--slice DURATION +How long .* \(default 5ms; 1us to 10s\)/);
    const simulated = await devbox(['sim', '--json', './my-policy.ts', '--', '--slice=1ms'], options);
    expect(JSON.parse(simulated.stdout)).toMatchObject({ policy: './my-policy.ts', cpus: 4, seed: 1 });

    const ran = await devbox(['run', '--smp', '2', './my-policy.ts', '--', '--slice', '2ms'], options);
    expect(ran.stdout + ran.stderr).toMatch(/^passed: /m);
    expect(ran.code).toBe(0);
    expect(ran.stdout).not.toContain('TS2');
    const events = latestRecord(dir.path)
      .read('events.ndjson')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.find(({ type }) => type === 'agent-ready').scheduler).toContain('devbox_my_policy');
    const metrics = events.findLast(({ report }) => report?.type === 'policy-metrics').report;
    expect(metrics.latencyUs.samples).toBeGreaterThan(0);
    expect(metrics.turns).toBeGreaterThan(0);
    expect(leftovers(dir.path)).toEqual([]);
  });

  it.each<[what: string, args: string[], text: string | undefined, says: RegExp]>([
    ['is missing', ['./mine.ts'], undefined, /mine\.ts does not exist/],
    ['does not parse', ['mine.ts'], 'let x = ;\n', /mine\.ts:1:9: Expression expected/],
    ['has no default export', ['./mine.ts'], 'export const a = 1;\n', /mine\.ts has no default export/],
    ['throws when it is imported', ['./mine.ts'], "\nthrow new Error('no');\n", /mine\.ts:2:7 throws .*no$/m],
    [
      'is given a parameter that it does not have',
      ['./mine.mjs', '--', '--slise', '1ms'],
      "export default { summary: 'x', create() {} };\n",
      /no flag --slise/,
    ],
    [
      'has wrong types, and that is an error',
      ['--types', 'error', './mine.ts'],
      "export default { summary: 'x', create() {} };\nconst n: number = 'x';\n",
      /tsc found a mistake in .*mine\.ts\.\n.*mine\.ts:2:7: TS2322/,
    ],
  ])('that %s is refused before anything boots', async (_, args, text, says) => {
    using dir = temporaryDirectory('dbp-');
    if (text !== undefined)
      writeFileSync(join(dir.path, args.find((word) => word.includes('mine')) ?? ''), text);
    const { code, stderr, stdout } = await devbox(['run', ...args], { cwd: dir.path });
    expect(stderr).toMatch(says);
    expect([code, stdout]).toEqual([64, '']);
    expect(existsSync(join(dir.path, '.devbox/runs/latest'))).toBe(false);
  });

  it('runs again on save, ends a run that is outdated, and leaves nothing behind', async () => {
    const { dir, options } = await projectWithPolicy();
    using _dir = dir;
    const next = (word: string, pause: string) => {
      writeFileSync(join(dir.path, 'word'), word);
      writeFileSync(join(dir.path, 'pause'), pause);
    };
    next('one', '0');
    const workload = 'echo "started $(cat word)"; sleep "$(cat pause)"';
    const watching = startDevbox(
      ['run', '--watch', '--smp', '2', '--workload', workload, POLICY_FILE],
      options,
    );
    await watching.seen('waiting for a save of my-policy.ts;');
    next('two', '1000');
    change(dir.path, "'5ms'", "'4ms'");
    await watching.seen('started two');
    next('three', '1000');
    change(dir.path, "'4ms'", "'3ms'");
    await watching.seen('started three');
    watching.process.kill('SIGINT');
    const { code, stdout, stderr } = await watching.result;
    const verdicts = stdout.match(/^(?:passed|cancelled): .*$/gm);
    expect(verdicts).toEqual([
      expect.stringMatching(/^passed/),
      'cancelled: Cancelled: what was running has been saved again.',
      'cancelled: Cancelled by Ctrl-C (SIGINT).',
    ]);
    expect(stderr).toContain('waiting for a save');
    expect(code).toBe(130);
    expect(leftovers(dir.path)).toEqual([]);
  });
});
