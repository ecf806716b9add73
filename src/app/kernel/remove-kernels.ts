import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import { openStore } from '../../platform/store.ts';
import type { StoreListing } from '../../platform/store-list.ts';

export interface RemovedKernels {
  readonly removed: readonly { readonly key: string; readonly name: string; readonly release: string }[];
  readonly freedBytes: number;
}

/**
 * Removes kernels from the store: all of a name, all of a release, or the one whose key begins so. Throws `Failure`
 * usage/no-such-kernel when there is none, and usage/kernel-in-use when a running guest has it.
 */
export async function removeKernels(
  selectors: readonly string[],
  signal: AbortSignal,
): Promise<RemovedKernels> {
  const store = openStore();
  const kernels = store.list().filter(({ kind }) => kind === 'kernel');
  const doomed = new Map<string, StoreListing>();
  for (const selector of selectors) {
    const found = kernels.filter((entry) => isMeant(selector, entry));
    if (found.length === 0) throw noneStored(selector, kernels);
    for (const entry of found) {
      if (entry.inUse) throw inUse(selector, entry);
      doomed.set(entry.key, entry);
    }
  }
  const { removed, freedBytes } = await store.gc({
    keepBytes: Number.POSITIVE_INFINITY,
    only: ({ kind, key }) => kind === 'kernel' && doomed.has(key),
    signal,
  });
  const names = removed.map(({ key, meta }) => ({
    key,
    name: textOf(meta.name),
    release: textOf(meta.release),
  }));
  return { removed: names, freedBytes };
}

function isMeant(selector: string, { key, meta }: StoreListing): boolean {
  return (
    meta.name === selector ||
    meta.release === selector ||
    (/^[0-9a-f]{8,64}$/.test(selector) && key.startsWith(selector))
  );
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

function noneStored(selector: string, kernels: readonly StoreListing[]): Failure {
  const names = [...new Set(kernels.flatMap(({ meta }) => [textOf(meta.name), textOf(meta.release)]))];
  return new Failure({
    kind: 'usage',
    code: 'no-such-kernel',
    message: `There is no kernel "${selector}" in the store.${didYouMean(selector, names.filter(Boolean))}`,
    hint: 'See `devbox kernel list`.',
  });
}

function inUse(selector: string, { key }: StoreListing): Failure {
  return new Failure({
    kind: 'usage',
    code: 'kernel-in-use',
    message: `The kernel ${selector} (${key.slice(0, 12)}) is in use by another devbox.`,
    hint: 'See `devbox ps` for the guests that are running.',
  });
}
