import { lstatSync, mkdirSync, renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { acquireLock } from './lock.ts';
import { cacheDir } from './paths.ts';
import { diskFull, isDiskFull, requireFree } from './store-disk-full.ts';
import { awaitCollection, collect, type GcOptions, type GcResult } from './store-gc.ts';
import type { KeyInput } from './store-key.ts';
import { type Leases, openLeases } from './store-lease.ts';
import { listEntries, type StoreListing } from './store-list.ts';
import {
  describeFiles,
  findDamage,
  type Manifest,
  readManifest,
  USED,
  writeManifest,
} from './store-manifest.ts';
import { removeTree, sweepTemporary, temporaryName } from './store-temporary.ts';
import { findTreeDamage, writeTreeListing } from './store-tree.ts';

/** An artifact: a directory that holds what its key says, never changed. In use by this process until it ends. */
export interface StoreEntry {
  readonly kind: string;
  readonly key: string;
  readonly dir: string;
  readonly bytes: number;
  readonly meta: Readonly<Record<string, KeyInput>>;
}

export interface Made {
  readonly meta?: Readonly<Record<string, KeyInput>>;
  /** Top-level directories with too many files to look at each time; see `checkTrees`. */
  readonly trees?: readonly string[];
}

export interface ObtainOptions {
  readonly kind: string;
  readonly key: string;
  /** Puts the artifact's files into `dir`, which exists and is empty. */
  readonly make: (dir: string) => Promise<Made | undefined>;
  /** Room that making it takes, bytes. Refused at once when there is less. */
  readonly needs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called when another process is making the same artifact. */
  readonly onWait?: () => void;
  /** Called when there was one but it is damaged, before it is made anew. */
  readonly onDamage?: (what: string) => void;
}

export interface Store {
  readonly dir: string;
  /** The entry, when it is there and whole: sizes and stamps are looked at, contents only where a stamp differs. */
  lookup(kind: string, key: string): Promise<StoreEntry | undefined>;
  /** The entry; made when it is not there or damaged. Of several processes that want it, one makes it. */
  obtain(options: ObtainOptions): Promise<{ readonly entry: StoreEntry; readonly cached: boolean }>;
  /** Looks at every file of an entry's trees. Returns what is wrong, or undefined. */
  checkTrees(entry: StoreEntry): string | undefined;
  /** Removes an entry whose trees are damaged, unless another process has made it anew by now. */
  dropDamaged(entry: StoreEntry, signal?: AbortSignal): Promise<void>;
  list(): StoreListing[];
  gc(options: GcOptions): Promise<GcResult>;
}

const TREE_LISTING = '.tree';

export function openStore(options: { readonly dir?: string } = {}): Store {
  const dir = options.dir ?? join(cacheDir(), 'store');
  const leases = openLeases(join(dir, '.leases'));
  const lockFile = (kind: string, key: string) => join(dir, '.locks', `${kind}-${key}`);

  const look = async (
    kind: string,
    key: string,
    signal?: AbortSignal,
  ): Promise<StoreEntry | string | undefined> => {
    const path = join(dir, kind, key);
    const manifest = readManifest(path, kind, key);
    if (manifest === undefined || typeof manifest === 'string') return manifest;
    await lease(leases, dir, `${kind}/${key}`, signal);
    const damage = await findDamage(path, manifest, { ...(signal && { signal }) });
    if (damage !== undefined) return damage;
    const now = new Date();
    utimesSync(join(path, USED), now, now);
    return { kind, key, dir: path, bytes: manifest.bytes, meta: manifest.meta };
  };

  const discard = (kind: string, key: string): void => {
    const away = join(dir, kind, temporaryName());
    renameSync(join(dir, kind, key), away);
    removeTree(away);
  };

  const obtain = async (wanted: ObtainOptions) => {
    const { kind, key, signal } = wanted;
    ensureWritable(dir, kind);
    // Before there is an entry: a collection must not find it new and unused.
    await lease(leases, dir, `${kind}/${key}`, signal);
    const found = await look(kind, key, signal);
    if (typeof found === 'object') return { entry: found, cached: true };
    await using _lock = await acquireLock({
      file: lockFile(kind, key),
      ...(signal && { signal }),
      ...(wanted.onWait && { onWait: wanted.onWait }),
    });
    const now = await look(kind, key, signal);
    if (typeof now === 'object') return { entry: now, cached: true };
    if (typeof now === 'string') {
      wanted.onDamage?.(now);
      discard(kind, key);
    }
    sweepTemporary(join(dir, kind));
    await make(join(dir, kind), wanted);
    const entry = await look(kind, key, signal);
    if (typeof entry !== 'object')
      throw new Error(`The new ${kind}/${key} is not whole: ${entry ?? 'absent'}.`);
    return { entry, cached: false };
  };

  return {
    dir,
    obtain,
    lookup: async (kind, key) => {
      const found = await look(kind, key);
      return typeof found === 'object' ? found : undefined;
    },
    checkTrees,
    dropDamaged: async (entry, signal) => {
      await using _lock = await acquireLock({
        file: lockFile(entry.kind, entry.key),
        ...(signal && { signal }),
      });
      if (readManifest(entry.dir, entry.kind, entry.key) === undefined) return;
      if (checkTrees(entry) !== undefined) discard(entry.kind, entry.key);
    },
    list: () => listEntries(dir, leases.held()),
    gc: (wanted) => collect(dir, leases, wanted),
  };
}

function checkTrees({ dir, kind, key }: StoreEntry): string | undefined {
  const manifest = readManifest(dir, kind, key);
  if (typeof manifest !== 'object') return manifest ?? 'it is gone';
  for (const { path } of manifest.files) {
    if (!path.endsWith(TREE_LISTING)) continue;
    const damage = findTreeDamage(join(dir, path.slice(0, -TREE_LISTING.length)), join(dir, path));
    if (damage !== undefined) return damage;
  }
  return undefined;
}

/** Says that this process uses the entry, and lets a collection that began before it could know finish first. */
async function lease(
  leases: Leases,
  dir: string,
  entry: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  leases.take(entry);
  await awaitCollection(dir, signal);
}

async function make(parent: string, wanted: ObtainOptions): Promise<void> {
  const { kind, key, needs, signal } = wanted;
  if (needs !== undefined) requireFree(parent, needs);
  const draft = join(parent, temporaryName());
  mkdirSync(draft);
  try {
    const { meta = {}, trees = [] } = (await wanted.make(draft)) ?? {};
    let bytes = 0;
    for (const tree of trees) {
      bytes += writeTreeListing(join(draft, tree), join(draft, `${tree}${TREE_LISTING}`)).bytes;
    }
    const files = await describeFiles(draft, trees, signal);
    bytes += allocated(draft, files);
    const manifest: Manifest = {
      schema: 1,
      kind,
      key,
      createdAt: new Date().toISOString(),
      bytes,
      meta,
      files,
    };
    writeManifest(draft, manifest);
    renameSync(draft, join(parent, key));
  } catch (error) {
    // How much is free is measured before the half-made goes.
    const failure = isDiskFull(error) ? diskFull(parent, needs, error) : error;
    removeTree(draft);
    throw failure;
  }
}

/** Sparse files take less than their size. */
function allocated(dir: string, files: Manifest['files']): number {
  return files.reduce((sum, { path }) => sum + lstatSync(join(dir, path)).blocks * 512, 0);
}

function ensureWritable(dir: string, kind: string): void {
  try {
    mkdirSync(join(dir, kind), { recursive: true });
  } catch (cause) {
    if (isDiskFull(cause)) throw diskFull(join(dir, '..'), undefined, cause);
    throw new Failure({
      kind: 'host',
      code: 'cache-not-writable',
      message: `Cannot write to the cache ${dir}: ${(cause as Error).message}.`,
      hint: 'Make it writable for this user, or set DEVBOX_CACHE to a directory that is.',
      cause,
    });
  }
}
