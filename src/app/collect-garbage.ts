import { removeUnusedKept } from '../platform/kept-directories.ts';
import { listLeases, sweepDeadLeases } from '../platform/lease.ts';
import { openStore } from '../platform/store.ts';
import type { StoreListing } from '../platform/store-list.ts';
import { collectDockerGarbage } from './collect-docker-garbage.ts';

export interface GarbageRequest {
  /** What the store may keep, bytes. Undefined: ten GiB. */
  readonly maxBytes?: number;
  /** Say what would go, and let it stay. */
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
}

export interface Garbage {
  /** Runs that were killed, whose processes and sockets were cleared away. */
  readonly runs: readonly { readonly runId: string; readonly processes: number }[];
  /** Containers that killed builds left at Docker daemons. */
  readonly containers: number;
  readonly artifacts: readonly StoreListing[];
  /** What builds of kernels keep beside artifacts, unused for two weeks or of a tree that is gone. Absolute. */
  readonly directories: readonly string[];
  readonly freedBytes: number;
  readonly keptBytes: number;
}

const DEFAULT_KEEP = 10 * 2 ** 30;
const KEEP_UNUSED_MS = 14 * 24 * 3600 * 1000;

/** Clears away what crashed runs left behind, then the least recently used artifacts. Never touches what is in use. */
export async function collectGarbage({
  maxBytes = DEFAULT_KEEP,
  dryRun,
  signal,
}: GarbageRequest): Promise<Garbage> {
  const store = openStore();
  const dead = dryRun ? listLeases().filter(({ alive }) => !alive) : sweepDeadLeases();
  const runs = dead.map(({ runId, children }) => ({ runId, processes: children.length }));
  const directories = await removeUnusedKept({
    unusedForMs: KEEP_UNUSED_MS,
    dryRun,
    ...(signal && { signal }),
  });
  if (dryRun) return { runs, containers: 0, directories, ...choose(store.list(), maxBytes) };
  const containers = await collectDockerGarbage(signal);
  const { removed, freedBytes, keptBytes } = await store.gc({
    keepBytes: maxBytes,
    ...(signal && { signal }),
  });
  return { runs, containers, directories, artifacts: removed, freedBytes, keptBytes };
}

/** What a collection would take, oldest first. */
function choose(entries: readonly StoreListing[], maxBytes: number) {
  let keptBytes = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const artifacts: StoreListing[] = [];
  for (const entry of entries) {
    if (entry.inUse || (keptBytes <= maxBytes && !entry.damaged)) continue;
    artifacts.push(entry);
    keptBytes -= entry.bytes;
  }
  return { artifacts, freedBytes: artifacts.reduce((sum, { bytes }) => sum + bytes, 0), keptBytes };
}
