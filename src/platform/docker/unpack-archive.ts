import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadEntry } from 'tar';
import { Failure } from '../../core/failure.ts';

/**
 * Unpacks what a container left into `dir`, without the archive's own top directory. What was compiled there may have
 * been hostile: throws `Failure` build/unsafe-output, with the entry's name, for a name or a link that leads out and for
 * anything that is neither file, directory nor link.
 */
export async function unpackArchive(archive: Readable, dir: string, signal?: AbortSignal): Promise<void> {
  const { extract } = await import('tar');
  let refused: Failure | undefined;
  const unpack = extract({
    cwd: dir,
    strip: 1,
    // Whose it was there means nothing here, and nothing is set-user-id.
    preserveOwner: false,
    dmode: 0o755,
    strict: true,
    filter: (path, entry) => {
      const why = danger(path, entry as ReadEntry);
      if (why !== undefined) refused ??= unsafe(path, why);
      if (refused) return false;
      (entry as ReadEntry).mode = ((entry as ReadEntry).mode ?? 0o644) & 0o777;
      return true;
    },
  });
  try {
    await pipeline(archive, unpack as unknown as NodeJS.WritableStream, { ...(signal && { signal }) });
  } catch (error) {
    throw refused ?? error;
  }
  if (refused) throw refused;
}

const TYPES: ReadonlySet<string> = new Set([
  'File',
  'OldFile',
  'ContiguousFile',
  'Directory',
  'SymbolicLink',
  'Link',
]);

/** Why an entry must not be unpacked; `path` begins with the archive's top directory. */
export function danger(path: string, entry: Pick<ReadEntry, 'type' | 'linkpath'>): string | undefined {
  if (!TYPES.has(entry.type)) return `is a ${entry.type}`;
  if (path.startsWith('/')) return 'has an absolute name';
  if (path.split('/').includes('..')) return 'has a name that leads out';
  const target = entry.linkpath ?? '';
  if (entry.type === 'SymbolicLink') {
    if (target.startsWith('/')) return `is a link to ${target}`;
    if (leadsOut(path, posix.join(posix.dirname(path), target))) return `is a link to ${target}`;
  }
  if (entry.type === 'Link' && (target.startsWith('/') || leadsOut(path, posix.normalize(target))))
    return `is a link to ${target}`;
  return undefined;
}

/** Out of the archive's top directory. */
function leadsOut(path: string, target: string): boolean {
  const top = posix.normalize(path).split('/')[0];
  return target !== top && !target.startsWith(`${top}/`);
}

function unsafe(path: string, why: string): Failure {
  return new Failure({
    kind: 'build',
    code: 'unsafe-output',
    message: `What the build left was not copied: ${path.slice(0, 200)} ${why.slice(0, 300)}.`,
    hint: 'A build may leave files, directories and links within its output, and nothing else.',
  });
}
