import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import type { BuiltSourceSpec, KernelDefinition } from '../../core/kernel-definition.ts';
import { runStage } from '../../core/run-stage.ts';
import type { Made, Store, StoreEntry } from '../../platform/store.ts';
import type { BuildEnvironment, Toolchain } from '../environment/environment.ts';
import type { FoundToolchain } from '../environment/find-toolchain.ts';
import type { ConfigRequest } from '../kconfig/request.ts';
import { decompressInRoot } from '../kernel/decompress-in-root.ts';
import { resolveSource } from '../kernel-source/resolve-source.ts';
import type { ResolvedSource, SourcePin, SourceTree } from '../kernel-source/source.ts';
import type { BuildRoot } from '../root/prepare-build-root.ts';
import { storeCallbacks } from '../store-callbacks.ts';
import { openBuildDir } from './build-dir.ts';
import { collectArtifact } from './collect-artifact.ts';
import { type CompileOptions, compileKernel } from './compile.ts';
import { type CompileCache, compileCache, NO_COMPILE_CACHE } from './compile-cache.ts';
import { configureKernel } from './configure.ts';
import { objectsOfLastBuild } from './count-objects.ts';
import { kernelJson } from './kernel-json.ts';
import { kernelKey } from './kernel-key.ts';
import { hostCompiler } from './make-words.ts';
import { readRequests } from './read-requests.ts';

export interface KernelBuild {
  readonly definition: KernelDefinition & { readonly source: BuiltSourceSpec };
  readonly jobs: number;
  /** Whether what was compiled once is taken from the compile cache. */
  readonly usesCompileCache: boolean;
  /** What the build may use of the machine's memory, bytes. */
  readonly memoryBytes?: number | undefined;
  /** Go on when the configuration lacks something that was asked for. */
  readonly keepGoing: boolean;
  readonly offline: boolean;
  /** What the source resolved to before. */
  readonly pin?: SourcePin | undefined;
  /** Throws when what the build would be made of is not allowed; then the pin is held to, whatever comes. */
  readonly approve?: ((now: { source: SourcePin; toolchain: Toolchain }) => void) | undefined;
}

export interface KernelBuildContext {
  readonly environment: () => Promise<BuildEnvironment>;
  /** What the environment would build with, when that can be told without opening it. */
  readonly toolchain: () => Promise<FoundToolchain | undefined>;
  readonly root: () => Promise<BuildRoot>;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  readonly store: Store;
  /** Of the stage that the build is a part of. */
  readonly progress: (detail: string) => void;
}

export interface BuiltKernel {
  readonly entry: StoreEntry;
  readonly cached: boolean;
  readonly source: ResolvedSource;
  readonly environment: FoundToolchain;
}

/** Sources, objects and artifact of a kernel. Bytes; for the error of a full disk. */
const NEEDS = 6e9;

/** The kernel that a definition makes: from the store, or built. */
export async function buildKernel(build: KernelBuild, context: KernelBuildContext): Promise<BuiltKernel> {
  const { definition } = build;
  const { emit, signal, store, progress } = context;
  const requests = readRequests(definition);
  const found = (await context.toolchain()) ?? (await context.environment());
  const source = await resolvePinned(build, context);
  build.approve?.({ source: source.pin, toolchain: found.toolchain });
  const toolchainDigest = found.toolchain.digest;
  const key = kernelKey({ definition, requests, sourceKey: source.key, toolchainDigest });
  const known = await store.lookup('kernel', key);
  if (known) return { entry: known, cached: true, source, environment: found };
  const environment = await context.environment();
  const { entry, cached } = await store.obtain({
    kind: 'kernel',
    key,
    needs: NEEDS,
    signal,
    make: (draft) => make(draft, { ...build, key, requests, source, environment }, context),
    ...storeCallbacks(`kernel ${definition.name}`, emit, progress),
  });
  return { entry, cached, source, environment };
}

/** The source as it was before, when it still can be had, else as it is now. A directory is always as it is now. */
async function resolvePinned(build: KernelBuild, context: KernelBuildContext): Promise<ResolvedSource> {
  const { definition, offline, approve } = build;
  const pin = definition.source.kind === 'tree' ? undefined : build.pin;
  const { emit, signal, store, progress, environment } = context;
  const resolve = (wanted: SourcePin | undefined) =>
    resolveSource(definition.source, { emit, signal, store, progress, environment, offline, pin: wanted });
  try {
    return await resolve(pin);
  } catch (error) {
    const isLost = pin !== undefined && error instanceof Failure && error.kind !== 'cancelled';
    if (!isLost || approve) throw error;
    const source = await resolve(undefined);
    const message = `What devbox.lock says of ${definition.name} cannot be had any more: ${error.message} Using ${source.title}.`;
    emit({ type: 'notice', level: 'warning', message });
    return source;
  }
}

interface Making extends KernelBuild {
  readonly key: string;
  readonly requests: readonly ConfigRequest[];
  readonly source: ResolvedSource;
  readonly environment: BuildEnvironment;
}

async function make(draft: string, making: Making, context: KernelBuildContext): Promise<Made> {
  const { definition, environment, jobs, memoryBytes } = making;
  const cache = compileCacheOf(making, environment);
  const { emit, signal, store, progress } = context;
  const { name } = definition;
  await using tree = await obtainTree(making, context);
  await using buildDir = await openBuildDir({
    ...{ tree, draft, signal, owner: [name, environment.toolchain.digest] },
    onWait: () => progress('waiting for another build of this tree'),
  });
  const { requests, keepGoing } = making;
  const config = await configureKernel({
    definition,
    requests,
    environment,
    tree,
    keepGoing,
    cache,
    outDir: buildDir.isKept ? undefined : buildDir.dir,
    store,
    emit,
    signal,
  });
  const options: CompileOptions = {
    ...{ name, environment, tree, buildDir, config, draft, jobs, cache, memoryBytes, emit, signal },
    ...{ make: definition.make, needs: NEEDS },
    knownObjects: objectsOfLastBuild(name, store),
  };
  const compiled = await compileKernel(options);
  progress('collecting');
  const { meta, trees } = await collectArtifact(options, decompressInRoot(context.root, draft, signal));
  copyFileSync(compiled.log, join(draft, 'build.log'));
  rmSync(join(draft, 'config-in'), { recursive: true });
  writeFileSync(join(draft, 'kernel.json'), kernelJson({ making, tree, compiled, meta: meta ?? {} }));
  return {
    ...(trees && { trees }),
    meta: {
      ...meta,
      name,
      source: making.source.title,
      builder: environment.builder,
      objects: buildDir.isKept ? null : compiled.progress.objects,
      append: [...definition.append],
    },
  };
}

function compileCacheOf(
  { usesCompileCache, definition }: KernelBuild,
  environment: BuildEnvironment,
): CompileCache {
  return usesCompileCache ? compileCache(environment, hostCompiler(definition.make)) : NO_COMPILE_CACHE;
}

/** The configuration that a build would have, without compiling anything. */
export async function configureOnly(build: KernelBuild, context: KernelBuildContext): Promise<string> {
  const { definition } = build;
  const { emit, signal, store } = context;
  const requests = readRequests(definition);
  const source = await resolvePinned(build, context);
  const environment = await context.environment();
  await using tree = await obtainTree({ source }, context);
  return configureKernel({
    ...{ definition, requests, environment, tree, keepGoing: true, store, emit, signal },
    cache: compileCacheOf(build, environment),
  });
}

function obtainTree(
  { source }: Pick<Making, 'source'>,
  { emit, signal }: KernelBuildContext,
): Promise<SourceTree> {
  return runStage({
    ...{ emit, signal, stage: 'kernel-source', title: `Source ${source.title}` },
    work: async () => {
      const value = await source.obtain();
      return { value, detail: `Linux ${value.version}` };
    },
  });
}
