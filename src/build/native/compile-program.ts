import { cpSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Store, StoreEntry } from '../../platform/store.ts';
import { keyOf } from '../../platform/store-key.ts';
import { type BuildRoot, buildRootKey } from '../root/prepare-build-root.ts';
import {
  digestSources,
  HEADER_PACKAGES,
  headerVersions,
  NATIVE_DIR,
  type NativeProgram,
  NODE_MODULES,
} from './native-sources.ts';

export interface CompileContext {
  readonly store: Store;
  readonly root: () => Promise<BuildRoot>;
  readonly signal: AbortSignal;
  readonly callbacks: { readonly onDamage: (damage: string) => void; readonly onWait: () => void };
}

const RECIPE = 2;
const NEEDS = 50e6;

/** Directory of an entry that holds what was compiled. */
export const PRODUCTS = 'products';

/** Identifies what a directory of native/ compiles to. */
export function programKey(program: NativeProgram): string {
  return keyOf({
    recipe: RECIPE,
    root: buildRootKey(),
    program,
    sources: digestSources(join(NATIVE_DIR, program)),
    headers: program === 'addon' ? headerVersions() : null,
  });
}

/** Compiles one directory of native/ with its own Makefile, unless the very same was compiled before. */
export async function compileProgram(program: NativeProgram, context: CompileContext): Promise<StoreEntry> {
  const { store, signal, callbacks } = context;
  const { entry } = await store.obtain({
    kind: `native-${program}`,
    key: programKey(program),
    needs: NEEDS,
    signal,
    make: async (draft) => {
      const objects = join(draft, 'objects');
      mkdirSync(objects);
      await make(await context.root(), program, { objects, signal });
      for (const name of readdirSync(objects)) {
        if (isProduct(join(objects, name))) cpSync(join(objects, name), join(draft, PRODUCTS, name));
      }
      rmSync(objects, { recursive: true });
      return undefined;
    },
    ...callbacks,
  });
  return entry;
}

async function make(
  root: BuildRoot,
  program: NativeProgram,
  { objects, signal }: { objects: string; signal: AbortSignal },
): Promise<void> {
  const headers = HEADER_PACKAGES.map((name) => ({
    host: join(NODE_MODULES, name),
    guest: `/mnt/node_modules/${name}`,
    readOnly: true,
  }));
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
      { host: join(NATIVE_DIR, program), guest: `/mnt/native/${program}`, readOnly: true },
      { host: objects, guest: '/mnt/out', readOnly: false },
      ...(program === 'addon' ? headers : []),
    ],
    name: `native-${program}`,
    title: `Compiling native/${program}`,
    signal,
    writesTo: { dir: dirname(dirname(objects)), needs: NEEDS },
  });
}

/** Programs, the addon, and BPF objects; not what lies on the way to them. */
function isProduct(file: string): boolean {
  const stat = statSync(file);
  if (!stat.isFile()) return false;
  return /\.(bpf\.o|node)$/.test(file) || (!file.endsWith('.o') && (stat.mode & 0o100) !== 0);
}
