import { bootModules } from '../../build/kernel/boot-modules.ts';
import { prepareArtifacts } from '../../build/prepare-artifacts.ts';
import { Failure } from '../../core/failure.ts';
import { FEATURE_OPTIONS, type KernelArtifact, type KernelFeature } from '../../core/kernel.ts';
import { hasDeadNotes } from '../../platform/docker/dead-notes.ts';
import { sweepDeadLeases } from '../../platform/lease.ts';
import { buildSettings } from '../kernel/build-kernel.ts';
import { kernelDefinitions } from '../kernel/kernel-definitions.ts';
import { readLock } from '../kernel/kernel-lock.ts';
import type { GuestRequest } from '../request.ts';
import type { SessionContext } from '../use-case.ts';
import { prepareInitramfs } from './initramfs.ts';
import { type VirtiofsShare, virtiofsdCommand } from './virtiofsd.ts';

/** All that a guest is booted from, whole and in the store. */
export interface GuestParts {
  readonly kernel: KernelArtifact;
  readonly initramfs: string;
  readonly rootImage: string;
  readonly virtiofsd: (share: VirtiofsShare) => readonly string[];
}

/**
 * Looks up, or makes, what a guest is booted from; what is independent is made side by side. First of all it clears away
 * what killed runs left behind. Throws `Failure` usage/kernel-feature-missing for a kernel that lacks what is required.
 */
export async function prepareGuest(
  request: GuestRequest,
  context: SessionContext,
  requires: readonly KernelFeature[],
): Promise<GuestParts> {
  const { bus, signal } = context;
  const around = { emit: bus.emit, signal };
  for (const { runId } of sweepDeadLeases()) {
    bus.emit({
      type: 'notice',
      level: 'info',
      message: `Cleared away what the killed run ${runId} had left behind.`,
    });
  }
  if (hasDeadNotes()) await (await import('../collect-docker-garbage.ts')).clearDeadContainers(signal);
  const { root, kernel, image, native } = await prepareArtifacts({
    kernel: request.kernel,
    definitions: await kernelDefinitions(request.cwd),
    build: buildSettings(readLock(request.cwd)),
    ...around,
  });
  checkKernel(kernel, requires);
  const initramfs = await prepareInitramfs({
    ...{ nativeKey: native.key, kernelKey: kernel.key, init: native.init, payload: native.payload, signal },
    ...{ config: kernel.config, modules: await bootModules(kernel) },
  });
  return {
    ...{ kernel, initramfs, rootImage: image.path },
    virtiofsd: (share) => virtiofsdCommand(root, share),
  };
}

function checkKernel(kernel: KernelArtifact, requires: readonly KernelFeature[]): void {
  const missing = requires.filter((need) => !kernel.features.has(need) && !kernel.unknownFeatures.has(need));
  if (missing.length === 0) return;
  const options = missing.flatMap((feature) => FEATURE_OPTIONS[feature]).join(', ');
  throw new Failure({
    kind: 'usage',
    code: 'kernel-feature-missing',
    message: `The kernel ${kernel.name} (${kernel.release}) was built without ${options}, which the agent needs.`,
    hint: 'Use --kernel scx, or a kernel with the option switched on.',
  });
}
