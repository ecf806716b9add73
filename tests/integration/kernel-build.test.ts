import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type DevboxResult, devbox, startDevbox, temporaryDirectory } from '../support/devbox.ts';
import { slowProcesses, writeToyKernel } from '../support/toy-kernel.ts';

let project: ReturnType<typeof temporaryDirectory>;
let tree: string;
beforeEach(() => {
  project = temporaryDirectory();
  tree = join(project.path, 'tree');
  writeToyKernel(tree);
  git('init', '--quiet', '.');
  git('add', '.');
  git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '--quiet', '--message', 'toy');
  // Every test has a tree of its own content: what another one built is not found in the store.
  writeFileSync(join(tree, 'one.c'), `int one(void) { return ${Math.trunc(Math.random() * 1e9)}; }\n`);
  writeFileSync(
    join(project.path, 'devbox.config.json'),
    JSON.stringify({ kernels: { toy: { source: './tree', set: ['CONFIG_TOY=y'] } } }),
  );
});
afterEach(() => project[Symbol.dispose]());

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: tree, encoding: 'utf8' });
}

function build(...args: string[]): Promise<DevboxResult> {
  return devbox(['kernel', 'build', '--builder', 'embedded', ...args], { cwd: project.path });
}

describe('a tree', () => {
  it('is built, kept, and answered from the store; a changed file costs one object', async () => {
    const first = await build('toy');
    expect(first.code, first.stderr + first.stdout).toBe(0);
    expect(first.stdout).toContain('3 objects');
    expect((await build('toy')).stdout).toMatch(/kernel: ready, from the store/);
    writeFileSync(join(tree, 'two.c'), 'int two(void) { return 3; }\n');
    const second = await build('toy');
    expect(second.stdout).toContain('1 object)');
    expect(second.stdout).not.toMatch(/kernel: ready, from the store/);
  });

  it('is not written to, even when it was built in place', async () => {
    writeFileSync(join(tree, '.config'), 'CONFIG_OTHER=y\n');
    writeFileSync(join(tree, 'one.o'), 'stale');
    writeFileSync(join(tree, '.gitignore'), '*.o\n.config\n');
    const before = listing();
    const built = await build('toy');
    expect(built.code, built.stderr).toBe(0);
    expect(listing()).toEqual(before);
  });

  it('comes out whole: image, configuration, headers, and a description that repeats it', async () => {
    const built = await build('toy', '--json');
    const kernel = JSON.parse(built.stdout.trim().split('\n').at(-1) as string);
    const dir = join(kernel.bootImage, '..');
    expect(readdirSync(dir)).toEqual(
      expect.arrayContaining([
        'System.map',
        'build.log',
        'bzImage',
        'config',
        'headers',
        'kernel.json',
        'vmlinux',
      ]),
    );
    const description = JSON.parse(readFileSync(join(dir, 'kernel.json'), 'utf8'));
    expect(description).toMatchObject({
      name: 'toy',
      release: '6.99.0',
      builder: 'embedded',
      source: { kind: 'tree' },
    });
    expect(Object.keys(description.toolchain.packages)).toContain('gcc-14');
    expect(kernel.config).toEqual({ CONFIG_TOY: 'y' });
  });
});

describe('a failing build', () => {
  it('quotes the first real error and names the log', async () => {
    writeFileSync(join(tree, 'two.c'), 'int two(void) { return nope; }\n');
    const failed = await build('toy');
    expect(failed.code).not.toBe(0);
    expect(failed.stderr).toMatch(/two\.c:1:\d+: error: .nope. undeclared/);
    const log = /whole log: (\S+)/.exec(failed.stderr)?.[1] as string;
    expect(readFileSync(log, 'utf8')).toContain('nope');
  });

  it('explains an option that Kconfig drops before anything is compiled', async () => {
    const failed = await build('toy', '--set', 'CONFIG_NEEDS_DEEP=y');
    expect(failed.code).not.toBe(0);
    expect(failed.stderr).toContain('--set: CONFIG_NEEDS_DEEP=y came out as n.');
    expect(failed.stderr).toContain('Add: CONFIG_DEEP=y');
    expect(failed.stdout).not.toContain('kernel-build');
    const mended = await build('toy', '--set', 'CONFIG_NEEDS_DEEP=y', '--set', 'CONFIG_DEEP=y');
    expect(mended.code, mended.stderr).toBe(0);
    const going = await build('toy', '--set', 'CONFIG_NEEDS_DEEP=y', '--keep-going');
    expect(going.code, going.stderr).toBe(0);
    expect(going.stdout).toContain('came out as n');
  });

  it.each([
    [['scx-6.21'], 'no kernel named "scx-6.21"', 'Did you mean "scx-6.12"?'],
    [['toy', '--set', 'CONFIG_TOI=y'], 'CONFIG_TOI', 'Did you mean CONFIG_TOY?'],
    [['toy', '--config', 'debgu'], 'no configuration fragment named "debgu"', 'Did you mean "debug"?'],
    [['toy', '--config', './bad.config'], 'bad.config:2: expected', 'CONFIG_NAME=value'],
    [['toy', '--jobs', '0'], '--jobs 0', 'from 1 to'],
    [['--source', './nowhere'], 'no directory', 'nowhere'],
    [['--source', '.'], 'is not a kernel', ''],
    [[], 'needs NAME or --source', 'devbox kernel list'],
  ])('%j is answered with what is wrong and what is meant', async (args, what, hint) => {
    writeFileSync(join(project.path, 'bad.config'), 'CONFIG_TOY=y\nCONFIG TOY\n');
    const failed = await build(...args);
    expect(failed.code).not.toBe(0);
    expect(failed.stderr).toContain(what);
    expect(failed.stderr).toContain(hint);
    expect(failed.stderr).not.toMatch(/^\s+at /m);
  });
});

describe('devbox.lock', () => {
  it('pins what was built, and --frozen refuses anything else', async () => {
    expect((await build('toy', '--frozen')).stderr).toContain('it does not have the kernel toy');
    await build('toy');
    const lock = readFileSync(join(project.path, 'devbox.lock'), 'utf8');
    expect(JSON.parse(lock).kernels.toy.source).toMatchObject({ kind: 'tree' });
    const frozen = await build('toy', '--frozen');
    expect(frozen.code, frozen.stderr).toBe(0);
    writeFileSync(join(tree, 'two.c'), 'int two(void) { return 4; }\n');
    const refused = await build('toy', '--frozen');
    expect(refused.code).toBe(64);
    expect(readFileSync(join(project.path, 'devbox.lock'), 'utf8')).toBe(lock);
  });

  it('is not touched by what flags make of a kernel', async () => {
    expect((await build('toy', '--set', 'CONFIG_DEEP=y')).code).toBe(0);
    expect(existsSync(join(project.path, 'devbox.lock'))).toBe(false);
  });
});

describe('builds that meet', () => {
  it('of the same kernel: the second waits and takes what the first made', async () => {
    const both = await Promise.all([build('toy'), build('toy')]);
    expect(
      both.map(({ code }) => code),
      both.map(({ stderr }) => stderr).join(''),
    ).toEqual([0, 0]);
    const compiled = both.filter(({ stdout }) => stdout.includes('3 objects'));
    expect(compiled).toHaveLength(1);
  });

  it('and one that is killed: nothing half-made is used, nothing is left running', async () => {
    const slow = startSlowBuild();
    await slow.seen('objects: ');
    slow.process.kill('SIGKILL');
    await slow.result;
    const next = await build('toy');
    expect(next.code, next.stderr).toBe(0);
    expect(slowProcesses()).toEqual([]);
  });

  it('and one that is cancelled ends at once and leaves nothing running', async () => {
    const slow = startSlowBuild();
    await slow.seen('objects: ');
    slow.process.kill('SIGINT');
    expect((await slow.result).code).toBe(130);
    expect(slowProcesses()).toEqual([]);
  });
});

it('can be listed, shown, compared and removed', async () => {
  await build('toy');
  const tool = (...args: string[]) => devbox(['kernel', ...args], { cwd: project.path });
  expect((await tool('list')).stdout).toMatch(/^toy +built/m);
  expect((await tool('show', 'toy')).stdout).toMatch(/^release +6\.99\.0$/m);
  expect((await tool('config', 'toy')).stdout).toContain('CONFIG_TOY=y');
  const config = JSON.parse(readFileSync(join(project.path, 'devbox.config.json'), 'utf8'));
  config.kernels.other = { extends: 'toy', set: ['CONFIG_TOY=n', 'CONFIG_DEEP=y'] };
  writeFileSync(join(project.path, 'devbox.config.json'), JSON.stringify(config));
  const diff = await tool('config', '--diff', 'toy', 'other', '--json');
  expect(JSON.parse(diff.stdout)).toEqual([
    { symbol: 'DEEP', a: 'n', b: 'y' },
    { symbol: 'TOY', a: 'y', b: 'n' },
  ]);
  expect((await tool('rm', 'toy')).stdout).toContain('6.99.0');
  expect((await tool('list')).stdout).toMatch(/^toy +not built/m);
  expect((await tool('rm', 'toy')).stderr).toContain('no kernel "toy" in the store');
  rmSync(tree, { recursive: true });
});

it('or fetched, when Debian ships it built', async () => {
  const tool = (...args: string[]) => devbox(['kernel', ...args], { cwd: project.path });
  expect((await tool('fetch', 'scx', '--quiet')).stdout).toMatch(/^[0-9a-f]{64}$/m);
  expect((await tool('list')).stdout).toMatch(/^scx +fetched/m);
  expect((await tool('fetch', 'toy')).stderr).toContain('has to be compiled');
});

function startSlowBuild() {
  const args = ['kernel', 'build', '--builder', 'embedded', 'toy', '--set', 'CONFIG_SLOW=y'];
  const slow = startDevbox(args, { cwd: project.path });
  onTestFinished(() => void slow.process.kill('SIGKILL'));
  return slow;
}

function listing(): string[] {
  return readdirSync(tree, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('.git/'))
    .sort();
}
