import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveGit } from './git-source.ts';
import { type SourceRig, sourceRig, TINY_KERNEL, writeTree } from './source-context.fixture.ts';

let rig: SourceRig;
let remote: string;
let url: string;
beforeEach(() => {
  rig = sourceRig();
  remote = writeTree(join(rig.dir, 'remote'), {
    ...TINY_KERNEL,
    '.gitattributes': '*.c eol=crlf\nKconfig export-ignore\n',
  });
  url = `file://${remote}`;
  git('init', '-q', '-b', 'master');
  commit('one');
  git('tag', '-a', '-m', 'signed, say', 'v6.12');
});
afterEach(() => rig[Symbol.dispose]());

const git = (...args: string[]) =>
  execFileSync('git', ['-C', remote, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    encoding: 'utf8',
    env: { ...process.env, GIT_COMMITTER_DATE: '1700000000 +0000' },
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
function commit(text: string): string {
  writeTree(remote, { 'kernel/fork.c': `int ${text};\n` });
  git('add', '-A');
  git('commit', '-qm', text);
  return git('rev-parse', 'HEAD');
}

const resolve = (ref: string, context = {}, from = url) =>
  resolveGit({ kind: 'git', url: from, ref }, { ...rig.context, ...context });

describe('which commit', () => {
  it('is what a branch, a tag, HEAD or a whole name stands for, or the commit itself', async () => {
    const head = git('rev-parse', 'HEAD');
    for (const ref of ['master', 'v6.12', 'HEAD', 'refs/heads/master', head]) {
      expect((await resolve(ref)).pin, ref).toEqual({ kind: 'git', url, ref, commit: head });
    }
    const title = (await resolve('v6.12')).title;
    expect(title).toBe(`${url} v6.12 (${head.slice(0, 12)})`);
  });

  it('follows a branch, and holds a tag to what it was', async () => {
    const before = await resolve('master');
    await resolve('v6.12');
    const next = commit('two');
    git('tag', '-f', 'v6.12');
    expect((await resolve('master')).pin.commit).toBe(next);
    expect((await resolve('v6.12')).key).toBe(before.key);
  });

  it('is the last known when the repository cannot be reached, with a warning, and offline without a question', async () => {
    await expect(resolve('master', { offline: true })).rejects.toThrow(/Which commit master of file:/);
    const { key } = await resolve('master');
    rmSync(remote, { recursive: true });
    expect((await resolve('master', { offline: true })).key).toBe(key);
    expect(rig.events).toEqual([]);
    expect((await resolve('master')).key).toBe(key);
    expect(rig.events).toEqual([expect.objectContaining({ type: 'notice', level: 'warning' })]);
    await expect(resolve('other')).rejects.toMatchObject({ code: 'git-unreachable' });
  });

  it('that there is not is a failure with the nearest there are', async () => {
    const missing = resolve('v6.21');
    await expect(missing).rejects.toMatchObject({ kind: 'usage', code: 'no-such-ref' });
    await expect(missing).rejects.toMatchObject({ hint: 'The nearest it has: v6.12.' });
    await expect(resolve('zebra')).rejects.toMatchObject({ hint: expect.stringMatching(/v6\.12, master/) });
    const part = git('rev-parse', '--short=10', 'HEAD');
    await expect(resolve(part)).rejects.toMatchObject({
      hint: expect.stringContaining('all of its 40 digits'),
    });
  });

  it('is what devbox.lock says, wherever the branch is now', async () => {
    const { pin } = await resolve('master');
    commit('two');
    const held = await resolve('master', { pin });
    expect(held.pin).toEqual(pin);
    await using source = await held.obtain();
    expect(readFileSync(join(source.dir, 'kernel/fork.c'), 'utf8')).toBe('int one;\n');
    await expect(resolve('v6.12', { pin })).rejects.toThrow(
      /devbox\.lock says: ref was master and is v6\.12/,
    );
  });
});

describe('what is fetched', () => {
  it('is the files as they were committed, all of them and without a repository', async () => {
    await using source = await (await resolve('v6.12')).obtain();
    expect(readdirSync(source.dir).sort()).toEqual([
      '.gitattributes',
      '.gitignore',
      'Kconfig',
      'Makefile',
      'kernel',
    ]);
    expect(readFileSync(join(source.dir, 'kernel/fork.c'), 'utf8')).toBe('int one;\n');
    expect(source).toMatchObject({ version: '6.12.7', epoch: 1_700_000_000, incremental: false });
  });

  it('is fetched once, and without its history', async () => {
    commit('two');
    const { obtain } = await resolve('master');
    const { dir } = await obtain();
    const caches = join(rig.dir, 'cache/kernel-git');
    const cache = join(caches, readdirSync(caches)[0] as string, 'git');
    const count = execFileSync('git', ['--git-dir', cache, 'rev-list', '--all', '--count'], {
      encoding: 'utf8',
    });
    expect(count.trim()).toBe('1');
    rmSync(remote, { recursive: true });
    expect((await (await resolve('master', { offline: true })).obtain()).dir).toBe(dir);
  });

  it('can be a commit that no branch has at its end', async () => {
    const first = git('rev-parse', 'HEAD');
    commit('two');
    await using source = await (await resolve(first)).obtain();
    expect(readFileSync(join(source.dir, 'kernel/fork.c'), 'utf8')).toBe('int one;\n');
    const none = await resolve('1234567890'.repeat(4));
    await expect(none.obtain()).rejects.toMatchObject({ code: 'no-such-ref' });
  });

  it('is fetched again when a git was killed in the middle', async () => {
    const first = await (await resolve('v6.12')).obtain();
    const caches = join(rig.dir, 'cache/kernel-git');
    const cache = join(caches, readdirSync(caches)[0] as string, 'git');
    for (const name of ['shallow.lock', 'refs/devbox/new.lock', 'objects/pack/tmp_pack_1'])
      writeFileSync(join(cache, name), '');
    commit('two');
    const second = await (await resolve('master')).obtain();
    expect(second.dir).not.toBe(first.dir);
    expect(existsSync(join(cache, 'objects/pack/tmp_pack_1'))).toBe(false);
  });

  it('is refused offline, and said to be', async () => {
    await resolve('v6.12');
    const { obtain } = await resolve('v6.12', { offline: true });
    await expect(obtain()).rejects.toMatchObject({ code: 'offline' });
  });

  it('is refused when it is no kernel, and not kept', async () => {
    git('rm', '-q', 'Makefile');
    commit('nothing');
    const { obtain } = await resolve('master');
    await expect(obtain()).rejects.toMatchObject({ code: 'not-a-kernel' });
    expect(readdirSync(join(rig.dir, 'cache/store/kernel-source'))).toEqual([]);
  });
});

it.each([
  ['ext::sh -c "touch /tmp/devbox-evil"', 'master'],
  ['ext::touch%20/tmp/devbox-evil', 'master'],
  ['--upload-pack=touch /tmp/devbox-evil', 'master'],
  ['ssh://-oProxyCommand=evil/x', 'master'],
  ['-oProxyCommand=evil:x', 'master'],
  ['git@host:-x', 'master'],
  ['ftp://host/linux', 'master'],
  ['/some/path', 'master'],
  ['https://', 'master'],
  ['https://host/linux', '--upload-pack=evil'],
  ['https://host/linux', 'a..b'],
  ['https://host/linux', 'refs/heads/*'],
  ['https://host/linux', ''],
])('%s at "%s" is never given to git', async (from, ref) => {
  await expect(resolve(ref, {}, from)).rejects.toMatchObject({ kind: 'usage', code: 'bad-source' });
});

it('says which repositories within a commit are left out', async () => {
  git('update-index', '--add', '--cacheinfo', `160000,${git('rev-parse', 'HEAD')},drivers/extra`);
  git('commit', '-qm', 'with a submodule');
  await using source = await (await resolve('master')).obtain();
  expect(existsSync(join(source.dir, 'drivers/extra/extra.c'))).toBe(false);
  expect(rig.events).toEqual([
    expect.objectContaining({
      level: 'warning',
      message: expect.stringMatching(/left out: drivers\/extra\./),
    }),
  ]);
});
