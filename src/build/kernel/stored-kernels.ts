import type { Store, StoreEntry } from '../../platform/store.ts';

/** The kernel in the store with this release, or whose key begins so; the one used last when there are several. */
export async function findStoredKernel(selector: string, store: Store): Promise<StoreEntry | undefined> {
  const isKey = /^[0-9a-f]{8,64}$/.test(selector);
  const kernels = store.list().filter(({ kind, damaged }) => kind === 'kernel' && !damaged);
  for (const { kind, key } of kernels.reverse()) {
    const entry = await store.lookup(kind, key);
    if (entry && ((isKey && key.startsWith(selector)) || entry.meta.release === selector)) return entry;
  }
  return undefined;
}
