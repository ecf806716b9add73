import { existsSync } from 'node:fs';
import { type Daemon, statusOf } from './daemon.ts';
import { isOwn, LABEL, labelFilter, ownLabels } from './labels.ts';

/** A copy that nobody has made anew for so long is of a source that nobody builds any more. */
const OLD_MS = 7 * 24 * 3600_000;

/**
 * Removes what this user's devboxes on this machine keep at a daemon elsewhere for nobody any more: copies of old inputs,
 * and half-built things whose directory here is gone. One that a
 * container uses stays: the daemon refuses. Returns how many went.
 */
export async function removeOldVolumes(
  daemon: Daemon,
  { now = Date.now(), signal }: { readonly now?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<number> {
  const { Volumes: volumes } = await daemon.call(
    'list volumes',
    () => daemon.client.listVolumes({ filters: JSON.stringify(labelFilter(ownLabels())) }),
    { signal },
  );
  const old = (volumes ?? []).filter((volume) => {
    // To Podman, either of two labels is enough.
    if (!isOwn(volume.Labels)) return false;
    const made = Date.parse((volume as { CreatedAt?: string }).CreatedAt ?? '');
    const holds = volume.Labels?.[LABEL.holds] ?? '';
    const work = /^work (\/.*)$/s.exec(holds)?.[1];
    return work === undefined ? now - made > OLD_MS : !existsSync(work);
  });
  let removed = 0;
  for (const { Name: name } of old) {
    try {
      await daemon.call('remove a volume', () => daemon.client.getVolume(name).remove(), { signal });
      removed += 1;
    } catch (error) {
      if (statusOf(error) === undefined) throw error;
    }
  }
  return removed;
}
