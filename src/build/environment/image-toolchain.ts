import type { Readable } from 'node:stream';
import type { Daemon } from '../../platform/docker/daemon.ts';
import { statusOf } from '../../platform/docker/daemon.ts';
import { imageFacts } from '../../platform/docker/image-facts.ts';
import { passingLabels } from '../../platform/docker/labels.ts';
import { readArchivedFile } from '../../platform/docker/read-archived-file.ts';
import { createContainer } from '../../platform/docker/run-container.ts';
import type { Toolchain } from './environment.ts';
import { opaqueToolchain, toolchainOf } from './toolchain.ts';

const STATUS = '/var/lib/dpkg/status';
/** dpkg's list is a few MiB in the largest images, bytes. */
const LIMIT = 64 * 2 ** 20;

/** What is installed in an image, read out of a container of it that is never started. */
export async function readImageToolchain(
  daemon: Daemon,
  image: string,
  signal: AbortSignal | undefined,
): Promise<Toolchain> {
  await using container = await createContainer(
    daemon,
    { Image: image, Cmd: ['true'], Labels: passingLabels() },
    signal,
  );
  try {
    const status = await daemon.call(
      'read a file of an image',
      async (abortSignal) => {
        const archive = await container.container.getArchive({ path: STATUS, abortSignal });
        return readArchivedFile(archive as Readable, LIMIT);
      },
      { signal },
    );
    return toolchainOf(status.toString('utf8'));
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    const facts = await imageFacts(daemon, image, signal);
    return opaqueToolchain(facts?.id ?? image);
  }
}
