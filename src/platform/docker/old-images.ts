import { closeSync, mkdirSync, openSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../paths.ts';
import { type Daemon, statusOf } from './daemon.ts';
import { isOwn } from './labels.ts';

/** An image that nobody has built in or asked about for so long is of a Dockerfile that nobody uses any more. */
const OLD_MS = 14 * 24 * 3600_000;

/** Daemons do not say when an image was used last: an empty file's time does. `id` is `sha256:…`. */
const noteOf = (id: string) => join(cacheDir(), 'docker', 'images', id.replace(/^sha256:/, ''));

/** Says that an image is used now. Best effort: one whose note is lost is at worst built anew. */
export function noteImageUse(id: string): void {
  const note = noteOf(id);
  const now = new Date();
  try {
    mkdirSync(join(note, '..'), { recursive: true });
    closeSync(openSync(note, 'a'));
    utimesSync(note, now, now);
  } catch {
    // A cache that cannot be written to is complained about by those who need it.
  }
}

/**
 * Removes the images that this user's devboxes on this machine have made and not used for long. One that a container or
 * another image needs stays: the daemon refuses. Returns how many went.
 */
export async function removeOldImages(
  daemon: Daemon,
  { now = Date.now(), signal }: { readonly now?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<number> {
  const images = await daemon.call('list images', () => daemon.client.listImages(), { signal });
  let removed = 0;
  for (const { Id: id, Created: created, RepoTags: tags, Labels: labels } of images) {
    // Not by a filter of the list: Podman finds no image that has two labels.
    if (!isOwn(labels)) continue;
    const used = statSync(noteOf(id), { throwIfNoEntry: false })?.mtimeMs ?? created * 1000;
    if (now - used <= OLD_MS) continue;
    const names = (tags ?? []).filter((tag) => tag !== '<none>:<none>');
    try {
      for (const name of names.length > 0 ? names : [id]) {
        await daemon.call('remove an image', () => daemon.client.getImage(name).remove(), { signal });
      }
    } catch (error) {
      if (statusOf(error) === undefined) throw error;
      continue;
    }
    rmSync(noteOf(id), { force: true });
    removed += 1;
  }
  return removed;
}
