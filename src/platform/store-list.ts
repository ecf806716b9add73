import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyInput } from './store-key.ts';
import { readDirectory } from './store-lease.ts';
import { readManifest, USED } from './store-manifest.ts';

export interface StoreListing {
  readonly kind: string;
  readonly key: string;
  /** Room it takes on the disk, bytes. Zero when its manifest cannot be read. */
  readonly bytes: number;
  readonly createdAt: string;
  /** Milliseconds since the epoch. */
  readonly lastUsed: number;
  /** Whether a living process uses it. */
  readonly inUse: boolean;
  readonly damaged: boolean;
  readonly meta: Readonly<Record<string, KeyInput>>;
}

/** Everything in the store, least recently used first. */
export function listEntries(dir: string, held: ReadonlySet<string>): StoreListing[] {
  const kinds = readDirectory(dir).filter((name) => !name.startsWith('.'));
  const entries = kinds.flatMap((kind) =>
    readDirectory(join(dir, kind))
      .filter((name) => !name.startsWith('.'))
      .map((key): StoreListing => {
        const manifest = readManifest(join(dir, kind, key), kind, key);
        const whole = typeof manifest === 'object' ? manifest : undefined;
        return {
          kind,
          key,
          bytes: whole?.bytes ?? 0,
          createdAt: whole?.createdAt ?? '',
          lastUsed: statSync(join(dir, kind, key, USED), { throwIfNoEntry: false })?.mtimeMs ?? 0,
          inUse: held.has(`${kind}/${key}`),
          damaged: whole === undefined,
          meta: whole?.meta ?? {},
        };
      }),
  );
  return entries.sort((a, b) => a.lastUsed - b.lastUsed);
}
