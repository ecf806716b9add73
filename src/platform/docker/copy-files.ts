import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type { Container } from 'dockerode';
import { packDirectory } from './build-context.ts';
import type { Daemon } from './daemon.ts';
import { scratchDirectory } from './scratch-directory.ts';
import { unpackArchive } from './unpack-archive.ts';

/** As much as a source tree through a slow line takes. */
const COPY_MS = 30 * 60_000;

export interface CopyInOptions {
  /** A directory of this machine. None: the one in the container only gets its owner. */
  readonly host?: string;
  /** A volume of the container, which has not been started. */
  readonly guest: string;
  /** Root unless told; then the directory becomes theirs too, for which the container's root must be writable. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly readable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export async function copyIn(daemon: Daemon, container: Container, options: CopyInOptions): Promise<void> {
  const { host, guest, owner, readable = false, signal } = options;
  using empty = host === undefined ? scratchDirectory() : undefined;
  const from = host ?? (empty?.path as string);
  // A daemon leaves alone whose the directory is that it unpacks into, so it is told to unpack into the one above.
  const [path, archive] = owner
    ? [posix.dirname(guest), await packDirectory(from, { ...owner, readable, prefix: posix.basename(guest) })]
    : [guest, await packDirectory(from, { readable })];
  await daemon.call(
    'copy files into a container',
    (abortSignal) => container.putArchive(archive as unknown as NodeJS.ReadableStream, { path, abortSignal }),
    { signal, patienceMs: COPY_MS },
  );
}

export interface CopyOutOptions {
  readonly host: string;
  readonly guest: string;
  readonly signal?: AbortSignal | undefined;
}

/** What a container left in a directory, into one of this machine. What is there already stays or is replaced. */
export async function copyOut(
  daemon: Daemon,
  container: Container,
  { host, guest, signal }: CopyOutOptions,
): Promise<void> {
  await daemon.call(
    'copy files out of a container',
    async (abortSignal) => {
      const archive = (await container.getArchive({ path: guest, abortSignal })) as Readable;
      await unpackArchive(archive, host, abortSignal);
    },
    { signal, patienceMs: COPY_MS },
  );
}
