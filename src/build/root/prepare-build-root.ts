import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { Emit } from '../../core/event.ts';
import { runStage } from '../../core/run-stage.ts';
import { openStore, type Store, type StoreEntry } from '../../platform/store.ts';
import { keyOf } from '../../platform/store-key.ts';
import { type LoggedOptions, type LoggedResult, runLogged } from '../run-logged.ts';
import { storeCallbacks } from '../store-callbacks.ts';
import { backportsLines } from './backports.ts';
import { debootstrap } from './debootstrap.ts';
import { readImageDescription, SUITE } from './package-list.ts';
import type { RootCommand } from './root-command.ts';
import { findRunner, type WrapCommand } from './runner.ts';

export interface RootRun extends RootCommand, Omit<LoggedOptions, 'argv' | 'cwd' | 'env' | 'stdout'> {}

/** A Debian tree with compilers, and a way to run commands in it. */
export interface BuildRoot {
  readonly dir: string;
  readonly key: string;
  /** The command line that runs a command in the root; its streams and its end are those of the command. */
  wrap(command: RootCommand): readonly string[];
  /** Runs a command to its end; see `runLogged`. The first one looks whether the root is still whole. */
  run(command: RootRun): Promise<LoggedResult>;
}

export interface BuildRootOptions {
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  readonly store?: Store;
}

const RECIPE = 1;
/** Roughly what it takes, bytes. */
const TREE_BYTES = 1.0e9;

/** Identifies the root by what it is made of: it can be asked for before there is one. */
export function buildRootKey(): string {
  const { packages, excludes } = readImageDescription('build');
  return keyOf({ recipe: RECIPE, suite: SUITE, arch: process.arch, packages, excludes });
}

/** The build root: from the store, or made from Debian's packages. */
export function prepareBuildRoot({
  emit,
  signal,
  store = openStore(),
}: BuildRootOptions): Promise<BuildRoot> {
  return runStage({
    emit,
    signal,
    stage: 'build-image',
    title: 'Build root',
    work: async (progress) => {
      const obtain = () =>
        store.obtain({
          kind: 'build-root',
          key: buildRootKey(),
          needs: 2 * TREE_BYTES,
          signal,
          make: (draft) => makeRoot(draft, progress, signal),
          ...storeCallbacks('build root', emit, progress),
        });
      const { entry, cached } = await obtain();
      const wrap = await findRunner(join(entry.dir, 'root'), userInfo().uid, signal);
      const mend = async () => {
        const damage = store.checkTrees(entry);
        if (damage === undefined) return;
        storeCallbacks('build root', emit, progress).onDamage(damage);
        await store.dropDamaged(entry, signal);
        await obtain();
      };
      return { value: buildRoot(entry, wrap, mend), cached };
    },
  });
}

function buildRoot(entry: StoreEntry, wrapCommand: WrapCommand, mend: () => Promise<void>): BuildRoot {
  const dir = join(entry.dir, 'root');
  const wrap = (command: RootCommand) => wrapCommand(dir, command, userInfo().uid);
  let whole: Promise<void> | undefined;
  return {
    dir,
    key: entry.key,
    wrap,
    run: async (command) => {
      whole ??= mend();
      await whole;
      const {
        binds: _binds,
        network: _network,
        asInvoker: _asInvoker,
        cwd: _cwd,
        env: _env,
        ...logged
      } = command;
      return runLogged({ ...logged, argv: wrap(command), cwd: '/' });
    },
  };
}

async function makeRoot(draft: string, progress: (detail: string) => void, signal: AbortSignal | undefined) {
  const archive = join(draft, 'root.tar');
  const root = join(draft, 'root');
  await debootstrap({
    name: 'build-root',
    image: readImageDescription('build'),
    archive,
    needs: 1.2 * TREE_BYTES,
    signal,
    progress,
  });
  progress('unpacking');
  mkdirSync(root);
  await runLogged({
    // Everything belongs to the user who runs devbox, and nothing is set-user-id.
    argv: [
      ...['tar', '--extract', '--file', archive, '--directory', root],
      ...['--no-same-owner', '--no-same-permissions', '--exclude=./dev/*'],
    ],
    name: 'build-root-unpack',
    title: 'Unpacking the build root',
    signal,
    writesTo: { dir: dirname(draft), needs: TREE_BYTES },
  });
  rmSync(archive);
  addBackports(root);
  // Empty places for what a command with network gets from the host.
  for (const file of ['etc/resolv.conf', 'etc/hosts']) writeFileSync(join(root, file), '');
  return { trees: ['root'] };
}

function addBackports(root: string): void {
  const sources = join(root, 'etc/apt/sources.list');
  const lines = existsSync(sources) ? backportsLines(readFileSync(sources, 'utf8'), SUITE) : [];
  if (lines.length === 0)
    throw new Error(`The build root has no line for ${SUITE} in /etc/apt/sources.list.`);
  appendFileSync(join(root, 'etc/apt/sources.list.d/backports.list'), `${lines.join('\n')}\n`);
}
