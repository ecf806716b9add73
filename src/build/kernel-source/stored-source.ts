import { join } from 'node:path';
import type { Made, StoreEntry } from '../../platform/store.ts';
import { storeCallbacks } from '../store-callbacks.ts';
import type { SourceContext, SourcePin, SourceTree } from './source.ts';

export interface StoredSourceOptions {
  readonly key: string;
  readonly pin: SourcePin;
  /** For messages: `source linux-source-6.12 6.12.117-1`. */
  readonly what: string;
  /** Room that making it takes, bytes. */
  readonly needs: number;
  /** Puts the kernel's tree into `draft`/tree, and says its version and epoch. */
  readonly make: (draft: string) => Promise<SourceFacts>;
}

export interface SourceFacts {
  readonly version: string;
  /** Seconds. */
  readonly epoch: number;
}

/** A tree that is fetched and unpacked once, and lies in the store under the key of what it came from. */
export async function obtainStored(
  options: StoredSourceOptions,
  context: SourceContext,
): Promise<SourceTree> {
  const { key, pin, what, needs, make } = options;
  const { store, signal, emit, progress } = context;
  const obtain = () =>
    store.obtain({
      kind: SOURCE_KIND,
      key,
      needs,
      signal,
      make: async (draft): Promise<Made> => ({ meta: { ...(await make(draft)) }, trees: ['tree'] }),
      ...storeCallbacks(what, emit, progress),
    });
  let { entry, cached } = await obtain();
  const damage = cached ? store.checkTrees(entry) : undefined;
  if (damage !== undefined) {
    storeCallbacks(what, emit, progress).onDamage(damage);
    await store.dropDamaged(entry, signal);
    ({ entry, cached } = await obtain());
  }
  return sourceTree(entry, pin);
}

export const SOURCE_KIND = 'kernel-source';

function sourceTree(entry: StoreEntry, pin: SourcePin): SourceTree {
  return {
    dir: join(entry.dir, 'tree'),
    key: entry.key,
    pin,
    epoch: Number(entry.meta.epoch),
    version: String(entry.meta.version),
    incremental: false,
    [Symbol.asyncDispose]: async () => {},
  };
}
