import { chmodSync, cpSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Emit } from '../../core/event.ts';
import { openStore, type Store } from '../../platform/store.ts';
import { keyOf } from '../../platform/store-key.ts';
import { type BuildRoot, buildRootKey } from '../root/prepare-build-root.ts';
import { runStage } from '../stage.ts';
import { storeCallbacks } from '../store-callbacks.ts';
import {
  digestSources,
  HEADER_PACKAGES,
  headerVersions,
  NATIVE_DIR,
  NATIVE_PROGRAMS,
  type NativeProgram,
  NODE_MODULES,
} from './native-sources.ts';

/** What was compiled from native/. */
export interface NativeArtifact {
  readonly key: string;
  readonly dir: string;
  /** PID 1 of the guest: one static binary. */
  readonly init: string;
  /** For /opt/devbox in the guest: `bin/` workloads, `lib/devbox.node`, `bpf/*.bpf.o`. */
  readonly payload: string;
}

export interface NativeOptions {
  /** Asked for only when something has to be compiled. */
  readonly root: () => Promise<BuildRoot>;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  readonly store?: Store;
}

const RECIPE = 1;
const NEEDS = 50e6;

/** Compiles native/ in the build root, unless the very same was compiled before. */
export function prepareNative(options: NativeOptions): Promise<NativeArtifact> {
  const { emit, signal, store = openStore() } = options;
  return runStage({
    emit,
    signal,
    stage: 'native',
    title: 'Native programs',
    work: async (progress) => {
      const { entry, cached } = await store.obtain({
        kind: 'native',
        key: nativeKey(),
        needs: NEEDS,
        signal,
        make: async (draft) => {
          await compile(draft, options, progress);
          return undefined;
        },
        ...storeCallbacks('native build', emit, progress),
      });
      const { dir, key } = entry;
      return { value: { key, dir, init: join(dir, 'init'), payload: join(dir, 'payload') }, cached };
    },
  });
}

function nativeKey(): string {
  return keyOf({
    recipe: RECIPE,
    root: buildRootKey(),
    headers: headerVersions(),
    sources: digestSources(NATIVE_DIR),
  });
}

async function compile(
  draft: string,
  options: NativeOptions,
  progress: (detail: string) => void,
): Promise<void> {
  const root = await options.root();
  const objects = join(draft, 'objects');
  const rest = new Set<NativeProgram>(NATIVE_PROGRAMS);
  // The first failure ends the others: what they would say is of no use.
  const controller = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, controller.signal]) : controller.signal;
  const work = NATIVE_PROGRAMS.map(async (program) => {
    try {
      await make(root, program, { objects, signal });
    } catch (error) {
      controller.abort(error);
      throw error;
    }
    rest.delete(program);
    if (rest.size > 0) progress(`still compiling ${[...rest].join(', ')}`);
  });
  progress(`compiling ${NATIVE_PROGRAMS.join(', ')}`);
  const results = await Promise.allSettled(work);
  for (const result of results)
    if (result.status === 'rejected') throw controller.signal.reason ?? result.reason;
  collect(draft, objects);
  rmSync(objects, { recursive: true });
}

async function make(
  root: BuildRoot,
  program: NativeProgram,
  { objects, signal }: { objects: string; signal: AbortSignal },
): Promise<void> {
  const out = join(objects, program);
  mkdirSync(out, { recursive: true });
  await root.run({
    argv: [
      'make',
      '--jobs=2',
      '-C',
      `/mnt/native/${program}`,
      'OUT=/mnt/out',
      'NODE_MODULES=/mnt/node_modules',
    ],
    binds: [
      { host: NATIVE_DIR, guest: '/mnt/native', readOnly: true },
      { host: out, guest: '/mnt/out', readOnly: false },
      ...HEADER_PACKAGES.map((name) => ({
        host: join(NODE_MODULES, name),
        guest: `/mnt/node_modules/${name}`,
        readOnly: true,
      })),
    ],
    name: `native-${program}`,
    title: `Compiling native/${program}`,
    signal,
    writesTo: objects,
  });
}

function collect(draft: string, objects: string): void {
  const payload = join(draft, 'payload');
  for (const name of ['bin', 'lib', 'bpf']) mkdirSync(join(payload, name), { recursive: true });
  renameSync(join(objects, 'guest', 'init'), join(draft, 'init'));
  cpSync(join(objects, 'addon', 'devbox.node'), join(payload, 'lib', 'devbox.node'));
  for (const name of readdirSync(join(objects, 'bpf'))) {
    if (name.endsWith('.bpf.o')) cpSync(join(objects, 'bpf', name), join(payload, 'bpf', name));
  }
  for (const name of readdirSync(join(objects, 'workloads'))) {
    const file = join(objects, 'workloads', name);
    const stat = statSync(file);
    if (!stat.isFile() || (stat.mode & 0o100) === 0) continue;
    cpSync(file, join(payload, 'bin', name));
    chmodSync(join(payload, 'bin', name), 0o755);
  }
}
