import { realpathSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { BuiltSourceSpec } from '../../core/kernel-definition.ts';
import { acquireLock } from '../../platform/lock.ts';
import { cacheDir } from '../../platform/paths.ts';
import { keyOf } from '../../platform/store-key.ts';
import { readKernelVersion } from './kernel-makefile.ts';
import { requirePinned } from './pinned.ts';
import { requireGit } from './run-git.ts';
import { sayLeftOut } from './say-left-out.ts';
import type { ResolvedSource, SourceContext, SourcePin, SourceTree } from './source.ts';
import { knownContent, type TreeContentOptions, treeContent } from './tree-content.ts';
import { treeRepository } from './tree-repository.ts';
import { changedMeanwhile, updateSnapshot } from './tree-snapshot.ts';
import { findRepository, headCommit, privateExcludes } from './user-repository.ts';

type TreeSpec = Extract<BuiltSourceSpec, { kind: 'tree' }>;

/** Of content that no commit gives a time, 2025-01-01: the same content gives the same kernel, wherever and whenever. */
const FIXED_EPOCH = 1_735_689_600;

/** A directory of the user as git sees it now, what is not committed included. Nothing is written to it. */
export async function resolveTree(spec: TreeSpec, context: SourceContext): Promise<ResolvedSource> {
  const { signal, progress } = context;
  const path = requireDirectory(spec.path);
  readKernelVersion(path, path);
  requireGit();
  const user = findRepository(path);
  const repository = treeRepository(path, signal);
  const options: TreeContentOptions = { path, repository, user, excludes: excludesFor(path, user), signal };
  const lock = (name: string, who: string, onWait = () => {}) =>
    acquireLock({
      file: join(repository.dir, name),
      ...(signal && { signal }),
      onWait: () => {
        onWait();
        progress(`another devbox ${who}: waiting for that`);
      },
    });

  const look = async () => {
    const known = await knownContent(options);
    if (known !== undefined) return known;
    let waited = false;
    await using _lock = await lock('lock', 'is looking at this tree', () => {
      waited = true;
    });
    return (waited ? await knownContent(options) : undefined) ?? (await treeContent(options));
  };
  const [tree, head] = await Promise.all([look(), user?.top === path ? headCommit(user, signal) : undefined]);
  const now = new Date();
  utimesSync(join(repository.dir, 'path'), now, now); // So that a collection knows that it is used.
  const clean = head?.tree === tree ? head : undefined;
  const epoch = clean?.time ?? FIXED_EPOCH;
  const key = keyOf({ source: 'tree', tree, epoch });
  const pin: SourcePin = { kind: 'tree', path, tree, ...(clean && { commit: clean.commit }) };
  const state = clean?.commit.slice(0, 12) ?? (user ? 'dirty' : 'no repository');
  requirePinned(pin, ['tree'], context.pin, path);

  const obtain = async (): Promise<SourceTree> => {
    const held = await lock('snapshot-lock', 'is building from this tree');
    try {
      await updateSnapshot(repository, tree, user).catch(async (error: unknown) => {
        if (!(error instanceof Failure && error.code === 'snapshot-failed')) throw error;
        // Objects that we counted on may have left the user's repository: now all are kept here.
        progress('reading the whole tree');
        await using _lock = await lock('lock', 'is looking at this tree');
        rmSync(repository.gitDir, { recursive: true, force: true });
        if ((await treeContent({ ...options, selfContained: true })) !== tree) throw changedMeanwhile(path);
        await updateSnapshot(repository, tree, undefined);
      });
      sayLeftOut(path, await repository.run(['ls-files', '--stage', '-z']), context);
      const version = readKernelVersion(repository.snapshot, path);
      const dispose = () => held.release();
      return {
        dir: repository.snapshot,
        key,
        pin,
        epoch,
        version,
        incremental: true,
        [Symbol.asyncDispose]: dispose,
      };
    } catch (error) {
      await held.release();
      throw error;
    }
  };
  return { key, pin, title: `${path} (${state})`, obtain };
}

function requireDirectory(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return realpathSync(path);
  throw new Failure({
    kind: 'usage',
    code: 'no-such-source',
    message: stat ? `${path} is not a directory.` : `There is no directory ${path}.`,
    hint: 'Give the top directory of a kernel tree.',
  });
}

/** What devbox itself keeps in the tree is no part of it. */
function excludesFor(path: string, user: ReturnType<typeof findRepository>): string {
  const cache = relative(path, cacheDir());
  const ours = ['/.devbox/', ...(cache === '' || cache.startsWith('..') ? [] : [`/${cache}/`])];
  return `${privateExcludes(user)}\n${ours.join('\n')}\n`;
}
