import { availableParallelism } from 'node:os';
import {
  type BuildSettings,
  noSuchKernel,
  type PreparedKernel,
  prepareDefinedKernel,
} from '../../build/kernel/prepare-kernel.ts';
import { prepareBuildRoot } from '../../build/root/prepare-build-root.ts';
import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import type { BuiltSourceSpec, KernelDefinition } from '../../core/kernel-definition.ts';
import { openStore } from '../../platform/store.ts';
import { kernelDefinitions } from './kernel-definitions.ts';
import { type KernelLock, readLock, requireLocked, withKernel, writeLock } from './kernel-lock.ts';

/** `devbox kernel build`, parsed. */
export interface KernelBuildRequest {
  readonly cwd: string;
  /** A named kernel to begin with. */
  readonly name?: string;
  /** Instead of the named kernel's. */
  readonly source?: BuiltSourceSpec;
  /** More fragments, absolute paths, and options after them. */
  readonly fragments: readonly string[];
  readonly set: readonly string[];
  /** A directory with a Dockerfile, absolute. */
  readonly image?: string;
  readonly builder: BuildSettings['builder'];
  readonly jobs?: number;
  readonly usesCompileCache: boolean;
  readonly memoryBytes?: number;
  readonly keepGoing: boolean;
  /** Refuse what devbox.lock does not say. */
  readonly frozen: boolean;
  readonly offline: boolean;
  /** Take the newest of everything, whatever devbox.lock says. */
  readonly update: boolean;
}

/** What a bare `--source` is configured as. */
const DEFAULT_RECIPE = 'scx-6.12';

/** Builds a kernel, or finds it in the store, and writes devbox.lock. */
export async function buildKernelFor(
  request: KernelBuildRequest,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<PreparedKernel> {
  const definitions = await kernelDefinitions(request.cwd);
  const definition = composeDefinition(request, definitions);
  const lock = readLock(request.cwd);
  const isOwn = isAsNamed(request);
  const store = openStore();
  const prepared = await prepareDefinedKernel(definition, {
    ...{ emit, signal, store, definitions },
    root: () => prepareBuildRoot({ emit, signal, store }),
    build: {
      ...buildSettings(isOwn && !request.update ? lock : undefined),
      ...{ builder: request.builder, keepGoing: request.keepGoing, offline: request.offline },
      usesCompileCache: request.usesCompileCache,
      ...(request.jobs !== undefined && { jobs: request.jobs }),
      memoryBytes: request.memoryBytes,
      ...(request.frozen && { approve: (now) => requireLocked(lock, definition.name, now) }),
    },
  });
  const { built } = prepared;
  if (built && isOwn && !request.frozen) {
    writeLock(withKernel(readLock(request.cwd), definition.name, built.source.pin, built.environment));
  }
  return prepared;
}

/** Only a kernel as its definition has it is locked: what flags make of it is nobody else's. */
function isAsNamed({ name, source, fragments, set, image }: KernelBuildRequest): boolean {
  return (
    name !== undefined && source === undefined && image === undefined && fragments.length + set.length === 0
  );
}

/** How a build goes that nobody said more about; `lock` says what the sources must be. */
export function buildSettings(lock: KernelLock | undefined): BuildSettings {
  return {
    builder: 'auto',
    jobs: availableParallelism(),
    usesCompileCache: true,
    keepGoing: false,
    offline: false,
    pinOf: (name) => lock?.kernels[name]?.source,
  };
}

function composeDefinition(
  { name, source, fragments, set, image }: KernelBuildRequest,
  definitions: readonly KernelDefinition[],
): KernelDefinition {
  const wanted = name ?? DEFAULT_RECIPE;
  const known = definitions.find((definition) => definition.name === wanted);
  if (!known)
    throw noSuchKernel(
      wanted,
      definitions.map((definition) => definition.name),
    );
  if (known.source.kind === 'debian-prebuilt' && fragments.length + set.length > 0) {
    throw new Failure({
      kind: 'usage',
      code: 'prebuilt-kernel',
      message: `The kernel ${wanted} comes built from Debian: its configuration cannot be changed.`,
      hint: `Build one instead: devbox kernel build ${DEFAULT_RECIPE} --set …`,
    });
  }
  return {
    ...known,
    ...(source && { source }),
    ...(image !== undefined && { image }),
    fragments: [...known.fragments, ...fragments],
    set: [...known.set, ...set],
  };
}
