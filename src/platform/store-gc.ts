import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLock } from './lock.ts';
import { isAlive, type Leases, readDirectory, thisProcess } from './store-lease.ts';
import { listEntries, type StoreListing } from './store-list.ts';
import { removeTree, sweepTemporary, temporaryName } from './store-temporary.ts';

export interface GcOptions {
  /** What the store may keep, bytes. Entries in use stay even if they are more than that. */
  readonly keepBytes: number;
  /** Removes these, and only these; all but those in use. */
  readonly only?: (entry: StoreListing) => boolean;
  /** Looks at entries of this kind only. */
  readonly kind?: string;
  readonly signal?: AbortSignal;
}

export interface GcResult {
  readonly removed: readonly StoreListing[];
  readonly freedBytes: number;
  readonly keptBytes: number;
}

const lockFile = (dir: string) => join(dir, '.locks', 'gc');
const marker = (dir: string) => join(dir, '.collecting');

/**
 * Removes the least recently used entries until the rest fits, damaged ones first, never one in use.
 *
 * A user of an entry first writes its lease, then looks for the marker; a collection first writes its marker, then
 * reads the leases. So one of the two always sees the other, and a look-up costs no lock.
 */
export async function collect(dir: string, leases: Leases, options: GcOptions): Promise<GcResult> {
  mkdirSync(dir, { recursive: true });
  await using _lock = await acquireLock({
    file: lockFile(dir),
    ...(options.signal && { signal: options.signal }),
  });
  writeFileSync(marker(dir), thisProcess());
  const trash: string[] = [];
  const removed: StoreListing[] = [];
  let kept = 0;
  try {
    const entries = listEntries(dir, leases.held()).filter(
      ({ kind }) => options.kind === undefined || kind === options.kind,
    );
    kept = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    for (const entry of entries.toSorted((a, b) => Number(b.damaged) - Number(a.damaged))) {
      const isWanted = options.only ? !options.only(entry) : kept <= options.keepBytes && !entry.damaged;
      if (entry.inUse || isWanted) continue;
      const away = join(dir, entry.kind, temporaryName());
      renameSync(join(dir, entry.kind, entry.key), away);
      trash.push(away);
      removed.push(entry);
      kept -= entry.bytes;
    }
  } finally {
    rmSync(marker(dir), { force: true });
  }
  for (const path of trash) removeTree(path);
  for (const kind of readDirectory(dir)) {
    if (!kind.startsWith('.')) sweepTemporary(join(dir, kind));
  }
  return { removed, freedBytes: removed.reduce((sum, entry) => sum + entry.bytes, 0), keptBytes: kept };
}

/** Returns at once unless a collection is choosing what to remove; then when it has chosen. */
export async function awaitCollection(dir: string, signal?: AbortSignal): Promise<void> {
  let owner: string;
  try {
    owner = readFileSync(marker(dir), 'utf8');
  } catch {
    return;
  }
  if (!isAlive(owner) || owner === thisProcess()) return;
  const lock = await acquireLock({ file: lockFile(dir), ...(signal && { signal }) });
  await lock.release();
}
