import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import { runStage } from '../../core/run-stage.ts';
import { connectDaemon, type Daemon } from '../../platform/docker/daemon.ts';
import { hasDeadNotes } from '../../platform/docker/dead-notes.ts';
import { type DockerEndpoint, endpointText } from '../../platform/docker/endpoint.ts';
import { type FoundDaemon, findDaemon, notReachable } from '../../platform/docker/find-daemon.ts';
import { sweepContainers } from '../../platform/docker/leftovers.ts';
import type { Store } from '../../platform/store.ts';
import { buildRootKey, prepareBuildRoot } from '../root/prepare-build-root.ts';
import { daemonFacts } from './daemon-facts.ts';
import { dockerEnvironment } from './docker-environment.ts';
import { DEFAULT_IMAGE, ensureImage, imageTag } from './docker-image.ts';
import { embeddedEnvironment } from './embedded-environment.ts';
import type { BuildEnvironment, BuilderChoice } from './environment.ts';
import { knownImage } from './known-image.ts';

export interface OpenEnvironmentOptions {
  readonly builder: BuilderChoice;
  /** A directory with a Dockerfile, absolute; images/build unless told. Needs Docker. */
  readonly image?: string | undefined;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  readonly store: Store;
  /** What is not here yet is not fetched. */
  readonly offline: boolean;
  /** `BuildEnvironment.image` as it was once: this one and no other. */
  readonly frozenImage?: string | undefined;
}

/**
 * The environment that builds run in, made when it is not there yet. Leave nothing to clear up: it holds nothing but
 * what its commands hold while they run.
 */
export async function openEnvironment(options: OpenEnvironmentOptions): Promise<BuildEnvironment> {
  requireDockerForImage(options);
  if (options.builder === 'embedded') return openEmbedded(options);
  const found = await findDaemon({ signal: options.signal });
  if (found.endpoint) return openDocker(found.endpoint, options);
  if (options.builder === 'docker' || options.image !== undefined) throw notReachable(found);
  options.emit({
    type: 'notice',
    level: found.isNamed ? 'warning' : 'info',
    message: insteadOfDocker(found),
  });
  return openEmbedded(options);
}

export function requireDockerForImage({
  builder,
  image,
}: Pick<OpenEnvironmentOptions, 'builder' | 'image'>): void {
  if (builder !== 'embedded' || image === undefined) return;
  throw new Failure({
    kind: 'usage',
    code: 'image-needs-docker',
    message: `The image ${image} is built by Docker, and --builder embedded does without.`,
    hint: 'Leave out --image, or use --builder docker.',
  });
}

function insteadOfDocker({ missed, isNamed }: FoundDaemon): string {
  const [first] = missed.filter(({ why }) => isNamed || why !== 'no such socket');
  const why = first ? `${endpointText(first.endpoint)}: ${first.why}` : 'there is no socket of one';
  return `No Docker daemon answers (${why}): building in the embedded build root.`;
}

/** A daemon that has the image is not asked anything more until something is run. */
async function openDocker(
  endpoint: DockerEndpoint,
  options: OpenEnvironmentOptions,
): Promise<BuildEnvironment> {
  const { emit, signal, offline, frozenImage } = options;
  const connect = once(async () => {
    const daemon = await connectDaemon(endpoint);
    const facts = await daemonFacts(daemon, signal);
    await sayWhatWasLeft(daemon, options);
    return { daemon, facts };
  });
  if (hasDeadNotes()) await connect();
  const image = await runStage({
    emit,
    signal,
    stage: 'build-image',
    title: 'Build image',
    work: async (progress) => {
      const dir = options.image ?? DEFAULT_IMAGE;
      const known = await knownImage(endpoint, frozenImage ?? imageTag(dir), signal);
      if (!known && frozenImage !== undefined) {
        throw moved(
          frozenImage,
          `The Docker daemon at ${endpointText(endpoint)} has no such image of devbox.`,
        );
      }
      const value = known
        ? { ...known, cached: true }
        : await ensureImage({ daemon: (await connect()).daemon, dir, signal, progress, offline });
      return { value, cached: value.cached, detail: `Docker at ${endpointText(endpoint)}` };
    },
  });
  return dockerEnvironment({ connect, image, emit });
}

/** What it came to the first time that it came to anything. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

async function sayWhatWasLeft(daemon: Daemon, { emit, signal }: OpenEnvironmentOptions): Promise<void> {
  const removed = await sweepContainers(daemon, signal);
  if (removed === 0) return;
  const what = removed === 1 ? 'a container' : `${removed} containers`;
  emit({ type: 'notice', level: 'info', message: `Removed ${what} that a killed devbox had left behind.` });
}

function moved(image: string, why: string): Failure {
  return new Failure({
    kind: 'build',
    code: 'image-moved',
    message: `devbox.lock pins the build image ${image.slice(0, 19)}. ${why}`,
    hint: 'Build without --frozen to take the image of today, and see what that changes in devbox.lock.',
  });
}

async function openEmbedded(options: OpenEnvironmentOptions): Promise<BuildEnvironment> {
  const { emit, signal, store, offline, frozenImage } = options;
  const key = buildRootKey();
  if (frozenImage !== undefined && frozenImage !== key)
    throw moved(frozenImage, `The build root here is ${key.slice(0, 12)}.`);
  if (offline && !(await store.lookup('build-root', key))) {
    throw new Failure({
      kind: 'build',
      code: 'offline',
      message: 'There is no build root yet, and making it needs the network.',
      hint: 'Build once without --offline.',
    });
  }
  const root = await prepareBuildRoot({ emit, signal, store });
  return embeddedEnvironment(root, emit);
}
