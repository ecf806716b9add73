import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Emit } from '../../core/event.ts';
import { runStage } from '../../core/run-stage.ts';
import { openStore, type Store, type StoreEntry } from '../../platform/store.ts';
import { keyOf } from '../../platform/store-key.ts';
import type { BuildRoot } from '../root/prepare-build-root.ts';
import { storeCallbacks } from '../store-callbacks.ts';
import { type CompileContext, compileProgram, PRODUCTS, programKey } from './compile-program.ts';
import { NATIVE_PROGRAMS, type NativeProgram } from './native-sources.ts';

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

/** Where the products of each program go in the payload; PID 1 is not part of it. */
const PLACES: Readonly<Record<Exclude<NativeProgram, 'guest'>, string>> = {
  addon: 'lib',
  bpf: 'bpf',
  workloads: 'bin',
};

/** Compiles native/ in the build root; what was not changed is taken from the store. */
export function prepareNative(options: NativeOptions): Promise<NativeArtifact> {
  const { emit, signal, root, store = openStore() } = options;
  return runStage({
    emit,
    signal,
    stage: 'native',
    title: 'Native programs',
    work: async (progress) => {
      const callbacks = storeCallbacks('native build', emit, progress);
      const { entry, cached } = await store.obtain({
        kind: 'native',
        key: nativeKey(),
        signal,
        make: async (draft) => {
          const compiled = await compileAll({ store, root, callbacks }, signal, progress);
          assemble(draft, compiled);
          return undefined;
        },
        ...callbacks,
      });
      const { dir, key } = entry;
      return { value: { key, dir, init: join(dir, 'init'), payload: join(dir, 'payload') }, cached };
    },
  });
}

function nativeKey(): string {
  return keyOf({ recipe: RECIPE, programs: NATIVE_PROGRAMS.map(programKey) });
}

type Compiled = ReadonlyMap<NativeProgram, StoreEntry>;

/** All at once. The first failure ends the others: what they would say is of no use. */
async function compileAll(
  context: Omit<CompileContext, 'signal'>,
  outer: AbortSignal | undefined,
  progress: (detail: string) => void,
): Promise<Compiled> {
  const controller = new AbortController();
  const signal = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal;
  const compiled = new Map<NativeProgram, StoreEntry>();
  const work = NATIVE_PROGRAMS.map(async (program) => {
    try {
      compiled.set(program, await compileProgram(program, { ...context, signal }));
    } catch (error) {
      controller.abort(error);
    }
    const rest = NATIVE_PROGRAMS.filter((name) => !compiled.has(name));
    if (rest.length > 0) progress(`still compiling ${rest.join(', ')}`);
  });
  progress(`compiling ${NATIVE_PROGRAMS.join(', ')}`);
  await Promise.all(work);
  controller.signal.throwIfAborted();
  return compiled;
}

function assemble(draft: string, compiled: Compiled): void {
  for (const [program, { dir }] of compiled) {
    const target = program === 'guest' ? draft : join(draft, 'payload', PLACES[program]);
    mkdirSync(target, { recursive: true });
    cpSync(join(dir, PRODUCTS), target, { recursive: true });
  }
}
