import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type SourceRig, sourceRig, TINY_KERNEL, writeTree } from './source-context.fixture.ts';
import { resolveTree } from './tree-source.ts';

let rig: SourceRig;
let tree: string;
beforeEach(() => {
  rig = sourceRig();
  tree = writeTree(join(rig.dir, 'linux'), TINY_KERNEL);
});
afterEach(() => rig[Symbol.dispose]());

const AUTHOR = ['-c', 'user.name=t', '-c', 'user.email=t@t'];
const git = (...args: string[]) =>
  execFileSync('git', ['-C', tree, ...AUTHOR, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

function commitAll(): void {
  git('init', '-q');
  git('add', '-A', '-f');
  execFileSync('git', ['-C', tree, ...AUTHOR, 'commit', '-qm', 'all'], {
    env: { ...process.env, GIT_COMMITTER_DATE: '1700000000 +0000' },
  });
}

const resolve = () => resolveTree({ kind: 'tree', path: tree }, rig.context);
const keyNow = async () => (await resolve()).key;

/** Resolves and obtains, and says what is in the snapshot. */
async function snapshot() {
  const resolved = await resolve();
  await using source = await resolved.obtain();
  return { ...source, title: resolved.title, files: filesBelow(source.dir) };
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => !lstatSync(join(dir, name)).isDirectory())
    .sort();
}

/** Everything about every file that a write would change. */
function stampsBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { mtimeMs, ctimeMs, size, mode } = lstatSync(join(dir, name));
      return [name, mtimeMs, ctimeMs, size, mode].join(' ');
    });
}

describe('a directory without a repository', () => {
  it('is all of its files but those that .gitignore names', async () => {
    writeTree(tree, { 'kernel/fork.o': 'object' });
    const { files, version, incremental, epoch, title, pin } = await snapshot();
    expect(files).toEqual(Object.keys(TINY_KERNEL).sort());
    expect({ version, incremental, epoch }).toEqual({
      version: '6.12.7',
      incremental: true,
      epoch: 1_735_689_600,
    });
    expect(title).toBe(`${tree} (no repository)`);
    expect(pin).toMatchObject({ kind: 'tree', path: tree });
  });

  it('has the key of its content, wherever it lies and however often it is asked', async () => {
    const key = await keyNow();
    expect(await keyNow()).toBe(key);
    writeTree(tree, { 'kernel/fork.c': 'int spoon;\n' });
    expect(await keyNow()).not.toBe(key);
    writeTree(tree, TINY_KERNEL);
    expect(await keyNow()).toBe(key);
    renameSync(tree, `${tree}-2`);
    tree += '-2';
    expect(await keyNow()).toBe(key);
  });

  it('keeps names with newlines and bytes that are no UTF-8, links, modes and line ends as they are', async () => {
    writeTree(tree, {
      'a\nb "c" \\': 'odd',
      'crlf.txt': 'one\r\ntwo\r\n',
      '.gitattributes': '* text=auto\n',
      run: '',
    });
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0xfe])]), 'bytes');
    symlinkSync('../missing', join(tree, 'link'));
    chmodSync(join(tree, 'run'), 0o755);
    await using source = await (await resolve()).obtain();
    const { dir } = source;
    expect(readFileSync(join(dir, 'a\nb "c" \\'), 'utf8')).toBe('odd');
    expect(readFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff, 0xfe])]), 'utf8')).toBe(
      'bytes',
    );
    expect(readFileSync(join(dir, 'crlf.txt'), 'utf8')).toBe('one\r\ntwo\r\n');
    expect(readlinkSync(join(dir, 'link'))).toBe('../missing');
    expect(lstatSync(join(dir, 'run')).mode & 0o777).toBe(0o755);
  });

  it('is more than its packaging where .gitignore names all the rest, as Debian has it', async () => {
    writeTree(tree, { '.gitignore': '*.o\n/*\n!/debian/\n', 'kernel/fork.o': 'object', 'debian/rules': '' });
    const key = await keyNow();
    expect(await keyNow()).toBe(key);
    writeTree(tree, { 'kernel/new.c': '' });
    expect((await snapshot()).files).toEqual(
      [...Object.keys(TINY_KERNEL), 'debian/rules', 'kernel/new.c'].sort(),
    );
    rmSync(join(tree, 'kernel/new.c'));
    expect(await keyNow()).toBe(key);
  });

  it('is known again there without a look into the files, and notices what is new or changed all the same', async () => {
    writeTree(tree, { '.gitignore': '/*\n' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const key = await keyNow();
    const [repository = ''] = readdirSync(join(rig.dir, 'cache/kernel-trees'));
    // Written anew whenever the files are looked into.
    const stateNow = () => lstatSync(join(rig.dir, 'cache/kernel-trees', repository, 'state.json')).ctimeMs;
    const state = stateNow();
    expect(await keyNow()).toBe(key);
    expect(stateNow()).toBe(state);
    writeTree(tree, { 'kernel/new.c': '' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    const next = await keyNow();
    expect(next).not.toBe(key);
    writeTree(tree, { 'kernel/fork.c': 'int changed;\n' });
    expect([key, next]).not.toContain(await keyNow());
  });

  it('is looked at in a place of its own when the cache lies inside it', async () => {
    rig[Symbol.dispose]();
    rig = sourceRig();
    tree = writeTree(rig.dir, TINY_KERNEL);
    writeTree(tree, { '.devbox/runs/one': 'record' });
    const key = await keyNow();
    expect((await snapshot()).files).toEqual(Object.keys(TINY_KERNEL).sort());
    expect(await keyNow()).toBe(key);
  });
});

describe('a clone', () => {
  it('is its commit while nothing was changed, and dirty afterwards', async () => {
    commitAll();
    const clean = await snapshot();
    expect(clean.epoch).toBe(1_700_000_000);
    expect(clean.pin.commit).toBe(git('rev-parse', 'HEAD').trim());
    expect(clean.title).toBe(`${tree} (${git('rev-parse', '--short=12', 'HEAD').trim()})`);
    writeTree(tree, { 'new.c': 'int x;\n' });
    const dirty = await snapshot();
    expect(dirty.title).toBe(`${tree} (dirty)`);
    expect(dirty.files).toContain('new.c');
    expect(dirty.pin.commit).toBeUndefined();
    expect(dirty.key).not.toBe(clean.key);
  });

  it('is never written to, neither its files nor its repository', async () => {
    commitAll();
    git('gc', '-q');
    writeTree(tree, { 'new.c': 'int x;\n', 'kernel/fork.c': 'int changed;\n' });
    const before = stampsBelow(tree);
    await snapshot();
    writeTree(rig.dir, { 'config/git/ignore': '*.tmp\n' });
    await snapshot();
    expect(stampsBelow(tree)).toEqual(before);
  });

  it('has the files that are tracked though they are ignored, until they no longer are', async () => {
    writeTree(tree, { 'firmware.o': 'tracked' });
    commitAll();
    writeTree(tree, { 'kernel/fork.o': 'object' });
    expect((await snapshot()).files).toEqual([...Object.keys(TINY_KERNEL), 'firmware.o'].sort());
    git('rm', '-q', '--cached', 'firmware.o');
    expect((await snapshot()).files).toEqual(Object.keys(TINY_KERNEL).sort());
    git('add', '-f', 'kernel/fork.o');
    expect((await snapshot()).files).toContain('kernel/fork.o');
  });

  it('no longer has a file that was not tracked and has become ignored', async () => {
    commitAll();
    writeTree(tree, { notes: 'mine' });
    expect((await snapshot()).files).toContain('notes');
    writeTree(tree, { '.gitignore': '*.o\nnotes\n' });
    expect((await snapshot()).files).not.toContain('notes');
    writeTree(tree, { '.gitignore': '*.o\n' });
    expect((await snapshot()).files).toContain('notes');
    writeTree(tree, { '.git/info/exclude': 'notes\n' });
    expect((await snapshot()).files).not.toContain('notes');
  });

  it('runs no filter and no monitor that its configuration names', async () => {
    commitAll();
    const ran = join(rig.dir, 'ran');
    const program = join(rig.dir, 'filter');
    writeFileSync(program, `#!/bin/sh\ntouch '${ran}'\ncat\n`, { mode: 0o755 });
    for (const name of ['filter.x.clean', 'filter.x.smudge', 'core.fsmonitor']) git('config', name, program);
    writeTree(tree, { '.gitattributes': '*.c filter=x ident\n', 'kernel/fork.c': '$Id$\n' });
    rmSync(ran, { force: true });
    const { dir } = await snapshot();
    expect(existsSync(ran)).toBe(false);
    expect(readFileSync(join(dir, 'kernel/fork.c'), 'utf8')).toBe('$Id$\n');
  });

  it('is whole even when objects that were counted on have left its repository', async () => {
    writeTree(tree, { 'firmware.o': 'tracked' });
    // Files as young as the index would be read, and kept, whatever the index says of them.
    for (const name of filesBelow(tree)) utimesSync(join(tree, name), 1_000_000_000, 1_000_000_000);
    commitAll();
    await resolve();
    rmSync(join(tree, '.git/objects'), { recursive: true });
    mkdirSync(join(tree, '.git/objects'));
    const source = await snapshot();
    expect(rig.said).toContain('reading the whole tree');
    expect(source.epoch).toBe(1_735_689_600);
    expect(source.files).toEqual([...Object.keys(TINY_KERNEL), 'firmware.o'].sort());
  });

  it('is as good when it is a second work tree or a part of a larger repository', async () => {
    commitAll();
    const second = join(rig.dir, 'second');
    git('worktree', 'add', '-q', second);
    const key = await keyNow();
    tree = second;
    expect(await keyNow()).toBe(key);

    tree = join(rig.dir, 'mono');
    const part = writeTree(join(tree, 'part'), { ...TINY_KERNEL, 'firmware.o': 'tracked' });
    commitAll();
    tree = part;
    expect((await snapshot()).files).toEqual([...Object.keys(TINY_KERNEL), 'firmware.o'].sort());
  });
});

describe('a snapshot', () => {
  it('changes only what has changed, so that make sees that only', async () => {
    const { dir } = await snapshot();
    const old = new Date(1_000_000_000_000);
    const times = () => ['kernel/fork.c', 'Kconfig'].map((name) => lstatSync(join(dir, name)).mtimeMs);
    const [fork, kconfig] = times();
    utimesSync(join(tree, 'Kconfig'), old, old); // Its content is what it was.
    writeTree(tree, { 'kernel/fork.c': 'int knife;\n' });
    await snapshot();
    expect(times()[0]).toBeGreaterThan(fork as number);
    expect(times()[1]).toBe(kconfig);
    rmSync(join(tree, 'kernel/fork.c'));
    expect((await snapshot()).files).not.toContain('kernel/fork.c');
  });

  it('is mended when someone wrote to it, and when an update was cut short', async () => {
    const { dir, files } = await snapshot();
    writeTree(dir, { 'kernel/fork.c': 'vandal\n', 'stray.o': '' });
    writeFileSync(join(dir, '../git/snapshot-index.lock'), '');
    writeFileSync(join(dir, '../git/index.lock'), '');
    rmSync(join(dir, 'Kconfig'));
    expect((await snapshot()).files).toEqual(files);
    expect(readFileSync(join(dir, 'kernel/fork.c'), 'utf8')).toBe('int fork;\n');
  });

  it('is of the moment of the question, and of one build at a time', async () => {
    const first = await resolve();
    writeTree(tree, { 'kernel/fork.c': 'int later;\n' });
    const source = await first.obtain();
    expect(readFileSync(join(source.dir, 'kernel/fork.c'), 'utf8')).toBe('int fork;\n');
    const second = await resolve();
    const waiting = second.obtain();
    await expect.poll(() => rig.said).toContainEqual(expect.stringContaining('is building from this tree'));
    expect(readFileSync(join(source.dir, 'kernel/fork.c'), 'utf8')).toBe('int fork;\n');
    await source[Symbol.asyncDispose]();
    await using later = await waiting;
    expect(readFileSync(join(later.dir, 'kernel/fork.c'), 'utf8')).toBe('int later;\n');
  });
});

describe('what is refused', () => {
  it('names a directory that is not there or no directory', async () => {
    const missing = resolveTree({ kind: 'tree', path: join(tree, 'no') }, rig.context);
    await expect(missing).rejects.toMatchObject({ kind: 'usage', code: 'no-such-source' });
    const file = resolveTree({ kind: 'tree', path: join(tree, 'Makefile') }, rig.context);
    await expect(file).rejects.toThrow(/is not a directory/);
  });

  it.each([
    ['Makefile', 'all:\n\techo\n', /no Makefile that sets VERSION/],
    ['Kconfig', undefined, /has no Kconfig/],
  ])('says that a directory is not a kernel for its %s', async (name, text, says) => {
    if (text === undefined) rmSync(join(tree, name));
    else writeTree(tree, { [name]: text });
    await expect(resolve()).rejects.toThrow(says);
    await expect(resolve()).rejects.toMatchObject({ code: 'not-a-kernel' });
  });

  it('says what moved when a lock file says otherwise', async () => {
    const { pin } = await resolve();
    const held = { ...rig.context, pin };
    await expect(resolveTree({ kind: 'tree', path: tree }, held)).resolves.toMatchObject({ pin });
    writeTree(tree, { Kconfig: 'mainmenu "Other"\n' });
    await expect(resolveTree({ kind: 'tree', path: tree }, held)).rejects.toThrow(/devbox\.lock.*tree was/);
  });
});

it('says which repositories within a directory are left out, when it is built from', async () => {
  commitAll();
  const inner = writeTree(join(tree, 'drivers/extra'), { 'extra.c': 'int extra;\n' });
  const inside = (...args: string[]) => execFileSync('git', ['-C', inner, ...AUTHOR, ...args]);
  inside('init', '-q');
  inside('add', '-A');
  inside('commit', '-qm', 'extra');
  const { files } = await snapshot();
  expect(files).not.toContain('drivers/extra/extra.c');
  const said = [expect.objectContaining({ message: expect.stringMatching(/left out: drivers\/extra\./) })];
  expect(rig.events).toEqual(said);
  await resolve();
  expect(rig.events).toEqual(said);
});
