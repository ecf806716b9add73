import type { Readable } from 'node:stream';
import { abortFailure, Failure } from '../../core/failure.ts';
import type { Daemon } from './daemon.ts';
import { daemonLost } from './daemon.ts';
import { readMessages } from './json-messages.ts';
import { watchDaemon } from './watch-daemon.ts';

export interface BuildImageOptions {
  /** A tar archive with a Dockerfile in it. */
  readonly context: Readable;
  readonly tag: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: boolean;
  /** Values for build arguments; proxies need no ARG line. */
  readonly args?: Readonly<Record<string, string>>;
  readonly onOutput: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** How a build ended: with an image, or with what the daemon says of the step that failed. */
export type BuildEnd = { readonly error?: never } | { readonly error: string };

/** Builds an image with the daemon's own builder. */
export function buildImage(daemon: Daemon, options: BuildImageOptions): Promise<BuildEnd> {
  const { context, tag, labels, network, args = {}, onOutput, signal } = options;
  return followProgress(daemon, 'build an image', {
    onText: onOutput,
    signal,
    ask: (abortSignal) =>
      daemon.client.buildImage(context as unknown as NodeJS.ReadableStream, {
        t: tag,
        labels: { ...labels },
        buildargs: { ...args },
        rm: true,
        forcerm: true,
        ...(!network && { networkmode: 'none' }),
        abortSignal,
      }),
  });
}

/** Pulls an image. An error is an answer too: there may be no registry. */
export function pullImage(
  daemon: Daemon,
  image: string,
  options: { readonly onOutput: (text: string) => void; readonly signal?: AbortSignal | undefined },
): Promise<BuildEnd> {
  return followProgress(daemon, 'pull an image', {
    onText: options.onOutput,
    signal: options.signal,
    ask: (abortSignal) => daemon.client.pull(image, { abortSignal }),
  });
}

/** Makes an image of a tar archive of a root file system. */
export function importImage(
  daemon: Daemon,
  archive: Readable,
  options: {
    readonly repository: string;
    readonly tag: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<BuildEnd> {
  const { repository: repo, tag, labels, signal } = options;
  const changes = Object.entries(labels).map(([name, value]) => `LABEL ${name}=${JSON.stringify(value)}`);
  return followProgress(daemon, 'import an image', {
    signal,
    ask: () =>
      daemon.client.importImage(archive, {
        repo,
        tag,
        changes,
      }) as Promise<unknown> as Promise<NodeJS.ReadableStream>,
  });
}

interface Progress {
  readonly ask: (signal: AbortSignal) => Promise<NodeJS.ReadableStream>;
  readonly onText?: (text: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** It may be silent for as long as a step takes: whether the daemon still lives is asked beside it. */
async function followProgress(
  daemon: Daemon,
  what: string,
  { ask, onText, signal }: Progress,
): Promise<BuildEnd> {
  if (signal?.aborted) throw abortFailure(signal);
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  using watch = watchDaemon(daemon, { what });
  let error: string | undefined;
  const work = async () => {
    const stream = (await ask(controller.signal)) as Readable;
    controller.signal.addEventListener('abort', () => stream.destroy(), { once: true });
    await readMessages(stream, (message) => {
      error ??= message.error;
      const text = message.stream ?? message.status;
      if (text !== undefined) onText?.(text.endsWith('\n') ? text : `${text}\n`);
    });
  };
  try {
    await Promise.race([work(), watch.lost]);
    return error === undefined ? {} : { error };
  } catch (cause) {
    if (signal?.aborted) throw abortFailure(signal);
    if (cause instanceof Failure) throw cause;
    const { statusCode, json } = cause as { statusCode?: number; json?: { message?: string } };
    const said = json?.message ?? (cause as Error).message;
    if (statusCode !== undefined) return { error: said };
    throw daemonLost(daemon.endpoint, what, said, cause);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    controller.abort();
  }
}
