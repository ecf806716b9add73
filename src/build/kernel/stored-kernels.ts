import type { Store, StoreEntry } from '../../platform/store.ts';

/**
 * The kernel in the store with this release, or whose key begins so. Of several the one used last, but one with
 * modules before one without.
 */
export async function findStoredKernel(selector: string, store: Store): Promise<StoreEntry | undefined> {
  const isKey = /^[0-9a-f]{8,64}$/.test(selector);
  const kernels = store.list().filter(({ kind, damaged }) => kind === 'kernel' && !damaged);
  const found: StoreEntry[] = [];
  for (const { kind, key } of kernels.reverse()) {
    const entry = await store.lookup(kind, key);
    if (entry && ((isKey && key.startsWith(selector)) || entry.meta.release === selector)) found.push(entry);
  }
  return found.find(({ meta }) => typeof meta.modulesDir === 'string') ?? found[0];
}
