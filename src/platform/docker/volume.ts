import { join } from 'node:path';
import { acquireLock } from '../lock.ts';
import { cacheDir } from '../paths.ts';
import { copyIn } from './copy-files.ts';
import { type Daemon, statusOf } from './daemon.ts';
import { LABEL, ownLabels, passingLabels } from './labels.ts';
import { createContainer } from './run-container.ts';

export interface VolumeOptions {
  readonly name: string;
  /** `work DIRECTORY`, for what would lie there on this machine, or the key of an input. */
  readonly holds: string;
  readonly signal?: AbortSignal | undefined;
}

/** A volume of that name; made when there is none. */
export async function ensureVolume(daemon: Daemon, { name, holds, signal }: VolumeOptions): Promise<void> {
  await daemon.call(
    'make a volume',
    () => daemon.client.createVolume({ Name: name, Labels: { ...ownLabels(), [LABEL.holds]: holds } }),
    { signal },
  );
}

export interface FillOptions {
  readonly name: string;
  /** Any image: a container of it that is never started lends its mount. */
  readonly image: string;
  readonly key: string;
  readonly host: string;
  readonly signal?: AbortSignal | undefined;
}

const PLACE = '/mnt/volume';

/** Sees to it that a volume holds a copy of a directory, whole. One that a killed devbox left half filled is made anew. */
export async function fillVolume(
  daemon: Daemon,
  { name, image, key, host, signal }: FillOptions,
): Promise<void> {
  const complete = `${name}-complete`;
  const has = async (volume: string) => {
    try {
      await daemon.call('look at a volume', () => daemon.client.getVolume(volume).inspect(), { signal });
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  };
  if ((await has(name)) && (await has(complete))) return;
  await using _lock = await acquireLock({
    file: join(cacheDir(), 'docker', `${name}.lock`),
    ...(signal && { signal }),
  });
  if ((await has(name)) && (await has(complete))) return;
  for (const volume of [complete, name]) {
    if (await has(volume))
      await daemon.call('remove a volume', () => daemon.client.getVolume(volume).remove(), { signal });
  }
  await ensureVolume(daemon, { name, holds: key, signal });
  await using container = await createContainer(
    daemon,
    {
      Image: image,
      Cmd: ['true'],
      Labels: passingLabels(),
      HostConfig: { Mounts: [{ Type: 'volume', Source: name, Target: PLACE }] },
    },
    signal,
  );
  await copyIn(daemon, container.container, { host, guest: PLACE, readable: true, signal });
  // A volume's labels cannot be changed, so an empty one beside it says that it is whole.
  await ensureVolume(daemon, { name: complete, holds: key, signal });
}
