import { abortFailure, Failure } from '../core/failure.ts';
import { connectDaemon } from '../platform/docker/daemon.ts';
import { findDaemon } from '../platform/docker/find-daemon.ts';
import { sweepContainers, sweepDeadNotes } from '../platform/docker/leftovers.ts';
import { removeOldImages } from '../platform/docker/old-images.ts';
import { removeOldVolumes } from '../platform/docker/old-volumes.ts';

/**
 * Removes the containers that killed devboxes left at Docker daemons, copies of sources that are old by
 * now, and images that nobody uses any more. Returns
 * how many containers there were. A daemon that does not answer, or refuses, keeps nobody from collecting the rest.
 */
export function collectDockerGarbage(signal?: AbortSignal): Promise<number> {
  return untroubled(signal, async () => {
    const elsewhere = await sweepDeadNotes(connectDaemon, signal);
    const { endpoint } = await findDaemon({ signal });
    if (!endpoint) return elsewhere;
    using daemon = await connectDaemon(endpoint);
    const here = await sweepContainers(daemon, signal);
    await removeOldVolumes(daemon, { signal });
    await removeOldImages(daemon, { signal });
    return elsewhere + here;
  });
}

/** What a run has time for, milliseconds. */
const HASTE_MS = 3000;

/** The same for those containers that notes tell of, as far as their daemons answer quickly. */
export function clearDeadContainers(signal: AbortSignal): Promise<number> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(HASTE_MS)]);
  return untroubled(signal, () => sweepDeadNotes(connectDaemon, limit));
}

async function untroubled(signal: AbortSignal | undefined, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted) throw abortFailure(signal);
    if (error instanceof Failure) return 0;
    throw error;
  }
}
