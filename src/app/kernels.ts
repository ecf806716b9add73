import { listNamedKernels } from '../build/kernel/named-kernels.ts';
import { prepareKernel } from '../build/kernel/prepare-kernel.ts';
import { prepareBuildRoot } from '../build/root/prepare-build-root.ts';
import type { Emit } from '../core/event.ts';
import type { KernelArtifact } from '../core/kernel.ts';
import { openStore } from '../platform/store.ts';

/** Something that `--kernel` takes by name. */
export interface KernelListing {
  readonly name: string;
  readonly summary: string;
}

/** The named kernels; with `stored`, also the releases that are in the store, last used first. */
export async function listKernels({ stored }: { readonly stored: boolean }): Promise<KernelListing[]> {
  const named = listNamedKernels().map(({ name, description }) => ({ name, summary: description }));
  return stored ? [...named, ...(await listStored())] : named;
}

async function listStored(): Promise<KernelListing[]> {
  const store = openStore();
  const found = new Map<string, KernelListing>();
  for (const { kind, key, damaged } of store.list().reverse()) {
    const entry = kind === 'kernel' && !damaged ? await store.lookup(kind, key) : undefined;
    const release = entry?.meta.release;
    if (!entry || typeof release !== 'string' || found.has(release)) continue;
    const features = Array.isArray(entry.meta.features) ? entry.meta.features.join(', ') : '';
    found.set(release, { name: release, summary: `In the store${features === '' ? '' : `: ${features}`}` });
  }
  return [...found.values()];
}

/** Reads a kernel as a run would get it, which fetches it when it is not in the store. */
export function inspectKernel(selector: string, emit: Emit, signal: AbortSignal): Promise<KernelArtifact> {
  return prepareKernel(selector, { emit, signal, root: () => prepareBuildRoot({ emit, signal }) });
}
