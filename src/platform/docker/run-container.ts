import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Container, ContainerCreateOptions } from 'dockerode';
import { abortFailure, Failure } from '../../core/failure.ts';
import { type ContainerSpec, containerOptions } from './container-options.ts';
import { type Daemon, daemonLost, statusOf } from './daemon.ts';
import { noteDaemon } from './dead-notes.ts';
import { demultiplex, type OutputSink } from './demultiplex.ts';
import { type WatchOptions, watchDaemon } from './watch-daemon.ts';

export interface RunContainerOptions {
  /** What is done, for errors: `run a build`. */
  readonly what: string;
  readonly sink: OutputSink;
  readonly signal?: AbortSignal | undefined;
  /** Before it is started. */
  readonly prepare?: (container: Container) => Promise<void>;
  /** After it has ended by itself, whatever its exit code, and before it is removed. */
  readonly collect?: (container: Container) => Promise<void>;
  readonly watch?: Omit<WatchOptions, 'what'>;
}

export interface ContainerEnd {
  readonly code: number;
  /** Whether the kernel killed one of its processes because of its memory limit. */
  readonly isOutOfMemory: boolean;
}

/** The daemon may be slow on a busy machine, but not for ever. */
const START_MS = 120_000;
const DRAIN_MS = 30_000;

/** Runs a command in a new container to its end; however that comes, the container and its volumes are removed. */
export async function runContainer(
  daemon: Daemon,
  spec: ContainerSpec,
  { what, sink, signal, prepare, collect, watch: manner }: RunContainerOptions,
): Promise<ContainerEnd> {
  await using container = await createContainer(daemon, containerOptions(spec), signal);
  using watch = watchDaemon(daemon, { ...manner, what });
  using abort = watchAbort(signal);
  const interrupted = Promise.race([watch.lost, abort.aborted]);
  watch.lost.catch(() => container.abandon());
  interrupted.catch(() => {}); // Every wait below is raced against it.
  const bound = { signal, patienceMs: START_MS };
  await prepare?.(container.container);
  const stream = (await daemon.call(
    'attach to a container',
    (abortSignal) =>
      container.container.attach({
        ...{ stream: true, stdin: true, stdout: true, stderr: true, hijack: true },
        abortSignal,
      }),
    bound,
  )) as Duplex;
  using _stream = { [Symbol.dispose]: () => void stream.destroy() };
  const read = demultiplex(stream, sink);
  read.catch(() => {}); // Looked at when the container has ended.
  await daemon.call('start a container', () => container.container.start(), bound);
  const { code } = await untilEnded(daemon, container.container, what, interrupted);
  await Promise.race([read, interrupted, timeout(DRAIN_MS)]).catch((error: unknown) => {
    if (error instanceof Failure) throw error;
    throw daemonLost(daemon.endpoint, what, `its output ended early: ${(error as Error).message}`, error);
  });
  const { State: state } = await daemon.call(
    'look at a container',
    () => container.container.inspect(),
    bound,
  );
  await collect?.(container.container);
  return { code, isOutOfMemory: state.OOMKilled };
}

async function untilEnded(
  daemon: Daemon,
  container: Container,
  what: string,
  interrupted: Promise<never>,
): Promise<{ readonly code: number }> {
  using over = disposableController();
  const waiting = container.wait({ abortSignal: over.signal }).then(
    ({ StatusCode: code }: { StatusCode: number }) => ({ code }),
    (error: Error) => {
      if (statusOf(error) === 404)
        throw daemonLost(daemon.endpoint, what, 'somebody removed the container', error);
      throw daemonLost(daemon.endpoint, what, error.message, error);
    },
  );
  waiting.catch(() => {}); // An abort may come first.
  return await Promise.race([waiting, interrupted]);
}

/** Ends what it was given to when it goes out of scope. */
function disposableController() {
  const controller = new AbortController();
  return { signal: controller.signal, [Symbol.dispose]: () => controller.abort() };
}

export interface OwnContainer extends AsyncDisposable {
  readonly container: Container;
  /** The daemon is gone: do not wait long for it when this is disposed of. */
  abandon(): void;
}

const REMOVE_MS = 20_000;
const ABANDON_MS = 1000;

/** A container that is removed when it is disposed of, with all that runs in it and with its nameless volumes. */
export async function createContainer(
  daemon: Daemon,
  options: ContainerCreateOptions,
  signal?: AbortSignal,
): Promise<OwnContainer> {
  if (signal?.aborted) throw abortFailure(signal);
  // The name is ours, so that it can be removed even if the answer to its creation never came.
  const name = `devbox-${process.pid}-${randomBytes(6).toString('hex')}`;
  const note = noteDaemon(daemon.endpoint);
  let patienceMs = REMOVE_MS;
  const remove = async () => {
    const asked = daemon.call(
      'remove a container',
      (abortSignal) => daemon.client.getContainer(name).remove({ force: true, v: true, abortSignal }),
      { patienceMs },
    );
    try {
      await asked;
    } catch (error) {
      // The note stays: the next devbox removes what is nobody's any more.
      if (statusOf(error) !== 404) return;
    }
    note[Symbol.dispose]();
  };
  try {
    const container = await daemon.call('create a container', () =>
      daemon.client.createContainer({ ...options, name }),
    );
    return {
      container,
      abandon: () => {
        patienceMs = ABANDON_MS;
      },
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    if (error instanceof Failure && error.code === 'docker-lost') patienceMs = ABANDON_MS;
    await remove();
    throw error;
  }
}

function watchAbort(signal: AbortSignal | undefined): Disposable & { readonly aborted: Promise<never> } {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => signal && reject(abortFailure(signal));
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  return { aborted, [Symbol.dispose]: () => signal?.removeEventListener('abort', onAbort) };
}

function timeout(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
