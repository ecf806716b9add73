import { readAnswer } from '../../build/kernel/debian-answer.ts';
import { prepareKernel } from '../../build/kernel/prepare-kernel.ts';
import { prepareBuildRoot } from '../../build/root/prepare-build-root.ts';
import type { Emit } from '../../core/event.ts';
import type { KernelArtifact } from '../../core/kernel.ts';
import type { KernelDefinition } from '../../core/kernel-definition.ts';
import { openStore } from '../../platform/store.ts';
import type { StoreListing } from '../../platform/store-list.ts';
import { buildSettings } from './build-kernel.ts';
import { kernelDefinitions } from './kernel-definitions.ts';
import { readLock } from './kernel-lock.ts';

/** A kernel in the store. */
export interface StoredKernel {
  readonly key: string;
  readonly release: string;
  readonly features: readonly string[];
  readonly bytes: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** What it was built from, of one that was built here. */
  readonly source?: string;
}

/** Something that `--kernel` takes by name. */
export interface KernelListing {
  readonly name: string;
  readonly summary: string;
  /** `prebuilt` is fetched, `built` is compiled, `stored` has no name but its release. */
  readonly kind: 'prebuilt' | 'built' | 'stored';
  /** What is in the store of it, newest first. */
  readonly stored: readonly StoredKernel[];
}

/** The named kernels; with `stored`, also what is in the store, of them and beside them, newest first. */
export async function listKernels(options: {
  readonly cwd: string;
  readonly stored: boolean;
}): Promise<KernelListing[]> {
  const definitions = await kernelDefinitions(options.cwd);
  const entries = options.stored ? storedEntries() : [];
  const named = definitions.map(
    (definition): KernelListing => ({
      name: definition.name,
      summary: definition.description,
      kind: definition.source.kind === 'debian-prebuilt' ? 'prebuilt' : 'built',
      stored: entries.filter((entry) => isOf(definition, entry)).map(storedKernel),
    }),
  );
  const isNamed = (entry: StoreListing) => definitions.some((definition) => isOf(definition, entry));
  const others = Map.groupBy(
    entries.filter((entry) => !isNamed(entry)).map(storedKernel),
    ({ release }) => release,
  );
  const rest = [...others].map(([release, stored]): KernelListing => {
    const features = stored[0]?.features.join(', ') ?? '';
    const summary = `In the store${features === '' ? '' : `: ${features}`}`;
    return { name: release, summary, kind: 'stored', stored };
  });
  return [...named, ...rest];
}

/** Whether an entry is what a definition comes to: for one that Debian ships, what its mirror's answer was last. */
function isOf({ name, source }: KernelDefinition, { meta }: StoreListing): boolean {
  if (source.kind !== 'debian-prebuilt') return meta.name === name;
  return meta.name === undefined && meta.release === readAnswer(source)?.release;
}

/** Kernels in the store, newest first. Does not count as a use of them. */
function storedEntries(): StoreListing[] {
  const kernels = openStore()
    .list()
    .filter(({ kind, damaged }) => kind === 'kernel' && !damaged);
  return kernels.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
}

function storedKernel({ key, bytes, createdAt, meta }: StoreListing): StoredKernel {
  return {
    ...{ key, bytes, createdAt, release: String(meta.release) },
    features: Array.isArray(meta.features) ? meta.features.map(String) : [],
    ...(typeof meta.source === 'string' && { source: meta.source }),
  };
}

/** What `kernel show` tells of a name: how it is defined, and what is there of it. */
export interface KernelDescription {
  readonly definition?: KernelDefinition;
  readonly stored: readonly StoredKernel[];
  /** Undefined for one that would have to be compiled first. */
  readonly artifact?: KernelArtifact;
}

/** Reads a kernel as a run would get it. One that Debian ships is fetched when it is not here; nothing is compiled. */
export async function describeKernel(
  selector: string,
  { cwd, emit, signal }: { readonly cwd: string; readonly emit: Emit; readonly signal: AbortSignal },
): Promise<KernelDescription> {
  const definitions = await kernelDefinitions(cwd);
  const definition = definitions.find(({ name }) => name === selector);
  const stored = definition
    ? storedEntries()
        .filter(({ meta }) => meta.name === selector)
        .map(storedKernel)
    : [];
  const isBuilt = definition && definition.source.kind !== 'debian-prebuilt';
  if (isBuilt && stored.length === 0) return { definition, stored };
  const artifact = await prepareKernel(isBuilt ? (stored[0]?.key as string) : selector, {
    ...{ emit, signal, definitions, build: buildSettings(readLock(cwd)) },
    root: () => prepareBuildRoot({ emit, signal }),
  });
  return { ...(definition && { definition }), stored, artifact };
}
