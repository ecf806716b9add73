import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import type { KernelArtifact } from '../../core/kernel.ts';
import { nearest } from '../../core/nearest.ts';
import { runStage } from '../../core/run-stage.ts';
import { openStore, type Store } from '../../platform/store.ts';
import type { BuildRoot } from '../root/prepare-build-root.ts';
import { gapsNotice } from './choose-kernel.ts';
import type { KernelContext } from './debian-apt.ts';
import { obtainBestKernel, obtainDebianVersion } from './debian-kernel.ts';
import { obtainGivenKernel } from './given-kernel.ts';
import { kernelArtifact } from './kernel-entry.ts';
import { listNamedKernels } from './named-kernels.ts';
import { findStoredKernel } from './stored-kernels.ts';

export interface KernelOptions {
  /** Asked for only when the kernel is not in the store. */
  readonly root: () => Promise<BuildRoot>;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  readonly store?: Store;
}

/** Before a version, from where `scx` comes from. */
const DEBIAN = 'debian:';

/**
 * The kernel that `--kernel` asks for: a name (`scx`), a version that Debian ships (`debian:7.2.12`), the release or the
 * beginning of the key of a kernel in the store, or, when it contains a `/`, the path of a bzImage, a vmlinux or a
 * built tree.
 */
export function prepareKernel(selector: string, options: KernelOptions): Promise<KernelArtifact> {
  const { emit, signal, root, store = openStore() } = options;
  return runStage({
    emit,
    signal,
    stage: 'kernel',
    title: `Kernel ${selector}`,
    work: async (progress) => {
      const { entry, cached } = await obtain(selector, { root, emit, signal, store, progress });
      const value = kernelArtifact(selector, entry);
      const notice = value.features.has('sched-ext') && gapsNotice(value.release, value.missingKfuncs);
      if (notice) emit(notice);
      return { value, cached, detail: value.release };
    },
  });
}

async function obtain(selector: string, context: KernelContext) {
  if (selector.includes('/')) return obtainGivenKernel(selector, context);
  const named = listNamedKernels();
  const source = named.find(({ name }) => name === selector);
  if (source) return obtainBestKernel(source, context);
  const scx = named.find(({ name }) => name === 'scx');
  if (selector.startsWith(DEBIAN) && scx) {
    return obtainDebianVersion(selector.slice(DEBIAN.length), scx, context);
  }
  const stored = await findStoredKernel(selector, context.store);
  if (stored) return { entry: stored, cached: true };
  const near = nearest(
    selector,
    named.map(({ name }) => name),
  );
  throw new Failure({
    kind: 'usage',
    code: 'no-such-kernel',
    message: `There is no kernel named "${selector}".`,
    hint: near
      ? `Did you mean "${near}"? A path must contain a "/": ./${selector}`
      : `Known: ${named.map(({ name }) => name).join(', ')}. A path must contain a "/": ./${selector}`,
  });
}
