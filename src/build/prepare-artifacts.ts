import type { Emit } from '../core/event.ts';
import type { KernelArtifact } from '../core/kernel.ts';
import type { KernelDefinition } from '../core/kernel-definition.ts';
import { openStore } from '../platform/store.ts';
import { type GuestImage, prepareGuestImage } from './guest-image/prepare-guest-image.ts';
import { type BuildSettings, prepareKernel } from './kernel/prepare-kernel.ts';
import { type NativeArtifact, prepareNative } from './native/prepare-native.ts';
import { type BuildRoot, prepareBuildRoot } from './root/prepare-build-root.ts';

/** Everything that a guest is booted from. */
export interface Artifacts {
  readonly root: BuildRoot;
  readonly kernel: KernelArtifact;
  readonly image: GuestImage;
  readonly native: NativeArtifact;
}

/**
 * Prepares all of them, side by side as far as they do not need each other. The first failure ends the rest, and is
 * the one that is thrown.
 */
export async function prepareArtifacts(options: {
  readonly kernel: string;
  readonly definitions: readonly KernelDefinition[];
  readonly build: BuildSettings;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}): Promise<Artifacts> {
  const controller = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, controller.signal]) : controller.signal;
  const store = openStore();
  const building = prepareBuildRoot({ emit: options.emit, signal, store });
  const context = { emit: options.emit, signal, store, root: () => building };
  const work = [
    building,
    prepareKernel(options.kernel, { ...context, definitions: options.definitions, build: options.build }),
    prepareGuestImage(context),
    prepareNative(context),
  ] as const;
  for (const part of work) part.catch((error: unknown) => controller.abort(error));
  await Promise.allSettled(work);
  if (controller.signal.aborted) throw controller.signal.reason;
  const [root, kernel, image, native] = await Promise.all(work);
  return { root, kernel, image, native };
}
