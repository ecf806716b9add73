import { rmSync, statSync } from 'node:fs';
import { readSmallJson } from '../small-json.ts';
import { isAlive } from '../store-lease.ts';
import { connectDaemon, type Daemon } from './daemon.ts';
import { deadNotes } from './dead-notes.ts';
import { type DockerEndpoint, endpointAddress } from './endpoint.ts';
import { pingDaemon } from './find-daemon.ts';
import { LABEL, labelFilter, ownLabels } from './labels.ts';

/** A daemon that has not answered for so long is gone for good. */
const FORGET_MS = 7 * 24 * 3600_000;

/** Removes what killed devboxes left at the daemons they used. Returns how many containers that were. */
export async function sweepDeadNotes(
  connect: (endpoint: DockerEndpoint) => Promise<Daemon> = connectDaemon,
  signal?: AbortSignal,
): Promise<number> {
  let removed = 0;
  const swept = new Map<string, Promise<number | undefined>>();
  for (const file of deadNotes()) {
    const endpoint = readSmallJson<DockerEndpoint>(file);
    const place = JSON.stringify(endpoint);
    if (endpoint && !swept.has(place)) swept.set(place, sweepAt(endpoint, connect, signal));
    const count = endpoint ? await swept.get(place) : 0;
    const isOld = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > FORGET_MS;
    if (count !== undefined || isOld) rmSync(file, { force: true });
  }
  for (const count of swept.values()) removed += (await count) ?? 0;
  return removed;
}

/** Undefined: the daemon does not answer. */
async function sweepAt(
  endpoint: DockerEndpoint,
  connect: (endpoint: DockerEndpoint) => Promise<Daemon>,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  if ((await pingDaemon(endpoint, signal)) !== undefined) return undefined;
  using daemon = await connect(endpoint);
  try {
    return await sweepContainers(daemon, signal);
  } catch {
    return undefined;
  }
}

/**
 * Removes the containers of this user's devboxes on this machine that do not live any more. One of another machine,
 * another user or another pid namespace is never touched.
 */
export async function sweepContainers(daemon: Daemon, signal?: AbortSignal): Promise<number> {
  // Read first: who dies after the containers were listed keeps the note.
  const notes = deadNotes();
  const containers = await daemon.call(
    'list containers',
    (abortSignal) =>
      daemon.client.listContainers({ all: true, filters: labelFilter(ownLabels()), abortSignal }),
    { signal },
  );
  const dead = containers.filter(({ Labels: labels }) => {
    const owner = labels[LABEL.owner];
    return owner !== undefined && !isAlive(owner);
  });
  for (const { Id: id } of dead) {
    await daemon
      .call('remove a container', () => daemon.client.getContainer(id).remove({ force: true, v: true }), {
        signal,
      })
      .catch(() => {}); // Another devbox was quicker.
  }
  for (const note of notes) {
    const endpoint = readSmallJson<DockerEndpoint>(note);
    if (endpoint && endpointAddress(endpoint) === endpointAddress(daemon.endpoint))
      rmSync(note, { force: true });
  }
  return dead.length;
}
