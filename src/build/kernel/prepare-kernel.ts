import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import type { KernelArtifact } from '../../core/kernel.ts';
import type { BuiltSourceSpec, KernelDefinition } from '../../core/kernel-definition.ts';
import { nearest } from '../../core/nearest.ts';
import { runStage } from '../../core/run-stage.ts';
import { openStore, type Store } from '../../platform/store.ts';
import type { BuilderChoice } from '../environment/environment.ts';
import { findToolchain } from '../environment/find-toolchain.ts';
import { openEnvironment } from '../environment/open-environment.ts';
import {
  type BuiltKernel,
  buildKernel,
  configureOnly,
  type KernelBuild,
  type KernelBuildContext,
} from '../kernel-build/build-kernel.ts';
import type { SourcePin } from '../kernel-source/source.ts';
import type { BuildRoot } from '../root/prepare-build-root.ts';
import { gapsNotice } from './choose-kernel.ts';
import type { KernelContext } from './debian-apt.ts';
import { type ObtainedKernel, obtainBestKernel, obtainDebianVersion } from './debian-kernel.ts';
import { obtainGivenKernel } from './given-kernel.ts';
import { kernelArtifact } from './kernel-entry.ts';
import { otherBuildsNotice } from './other-builds.ts';
import { findStoredKernel } from './stored-kernels.ts';

/** How a kernel is built that is not in the store. */
export interface BuildSettings {
  readonly builder: BuilderChoice;
  readonly jobs: number;
  readonly usesCompileCache: boolean;
  readonly memoryBytes?: number | undefined;
  readonly keepGoing: boolean;
  readonly offline: boolean;
  /** What a kernel's source resolved to before, by the lock file. */
  readonly pinOf: (name: string) => SourcePin | undefined;
  /** Throws when what a build would be made of is not allowed; without it a pin that cannot be had gives way. */
  readonly approve?: KernelBuild['approve'];
}

export interface KernelOptions {
  /** Asked for only when the kernel is not in the store. */
  readonly root: () => Promise<BuildRoot>;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  readonly store?: Store;
  /** The kernels that have a name. */
  readonly definitions: readonly KernelDefinition[];
  readonly build: BuildSettings;
}

/** A kernel that was asked for, and what it was built from when it was built here. */
export interface PreparedKernel {
  readonly artifact: KernelArtifact;
  readonly cached: boolean;
  readonly built?: BuiltKernel;
}

/** Before a version, from where `scx` comes from. */
const DEBIAN = 'debian:';

/**
 * The kernel that `--kernel` asks for: a name (`scx`), a version that Debian ships (`debian:7.2.12`), the release or the
 * beginning of the key of a kernel in the store, or, when it contains a `/`, the path of a bzImage, a vmlinux or a
 * built tree. A named one that is not in the store is fetched or built.
 */
export async function prepareKernel(selector: string, options: KernelOptions): Promise<KernelArtifact> {
  const { artifact } = await inStage(selector, options, (context) => obtain(selector, context, options));
  return artifact;
}

/** The kernel of one definition: fetched when Debian ships it, else built. */
export function prepareDefinedKernel(
  definition: KernelDefinition,
  options: KernelOptions,
): Promise<PreparedKernel> {
  return inStage(definition.name, options, (context) => obtainDefined(definition, context, options));
}

type Obtained = ObtainedKernel & { readonly built?: BuiltKernel };

function inStage(
  name: string,
  options: KernelOptions,
  work: (context: KernelContext) => Promise<Obtained>,
): Promise<PreparedKernel> {
  const { emit, signal, root, store = openStore() } = options;
  return runStage({
    emit,
    signal,
    stage: 'kernel',
    title: `Kernel ${name}`,
    work: async (progress) => {
      const { entry, cached, built } = await work({ root, emit, signal, store, progress });
      const artifact = kernelArtifact(name, entry);
      const notice =
        artifact.features.has('sched-ext') && gapsNotice(artifact.release, artifact.missingKfuncs);
      if (notice) emit(notice);
      return { value: { artifact, cached, ...(built && { built }) }, cached, detail: artifact.release };
    },
  });
}

async function obtain(selector: string, context: KernelContext, options: KernelOptions): Promise<Obtained> {
  const { definitions } = options;
  if (selector.includes('/')) return obtainGivenKernel(selector, context);
  const definition = definitions.find(({ name }) => name === selector);
  if (definition) {
    const { source } = definition;
    const notice =
      source.kind === 'debian-prebuilt'
        ? undefined
        : otherBuildsNotice({ name: selector, source }, context.store);
    if (notice) context.emit(notice);
    return obtainDefined(definition, context, options);
  }
  const scx = definitions.find(({ name }) => name === 'scx')?.source;
  if (selector.startsWith(DEBIAN) && scx?.kind === 'debian-prebuilt') {
    return obtainDebianVersion(selector.slice(DEBIAN.length), scx, context);
  }
  const stored = await findStoredKernel(selector, context.store);
  if (stored) return { entry: stored, cached: true };
  throw noSuchKernel(
    selector,
    definitions.map(({ name }) => name),
  );
}

async function obtainDefined(
  definition: KernelDefinition,
  context: KernelContext,
  options: KernelOptions,
): Promise<Obtained> {
  const { source } = definition;
  if (source.kind === 'debian-prebuilt') return obtainBestKernel(source, context);
  const built = await buildKernel(...buildArguments(definition, source, context, options));
  return { entry: built.entry, cached: built.cached, built };
}

/** The configuration that a definition comes to, without compiling anything. */
export function resolveDefinedConfig(definition: KernelDefinition, options: KernelOptions): Promise<string> {
  const { source } = definition;
  if (source.kind === 'debian-prebuilt') throw new Error(`${definition.name} is not built here`);
  const { emit, signal, root, store = openStore() } = options;
  const context = { root, emit, signal, store, progress: () => {} };
  return configureOnly(...buildArguments(definition, source, context, options));
}

function buildArguments(
  definition: KernelDefinition,
  source: BuiltSourceSpec,
  context: KernelContext,
  { build }: KernelOptions,
): [KernelBuild, KernelBuildContext] {
  const { name, image } = definition;
  const { emit, signal, store } = context;
  const { builder, pinOf, ...settings } = build;
  const where = { builder, emit, signal, store, image, offline: build.offline };
  const environment = once(() => openEnvironment(where));
  return [
    { ...settings, definition: { ...definition, source }, pin: pinOf(name) },
    { ...context, environment, toolchain: () => findToolchain(where) },
  ];
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

export function noSuchKernel(selector: string, names: readonly string[]): Failure {
  const near = nearest(selector, names);
  return new Failure({
    kind: 'usage',
    code: 'no-such-kernel',
    message: `There is no kernel named "${selector}".`,
    hint: near
      ? `Did you mean "${near}"? A path must contain a "/": ./${selector}`
      : `Known: ${names.join(', ')}. A path must contain a "/": ./${selector}`,
  });
}
