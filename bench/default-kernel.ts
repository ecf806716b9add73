import { buildSettings } from '../src/app/kernel/build-kernel.ts';
import { prepareKernel } from '../src/build/kernel/prepare-kernel.ts';
import { builtinKernels } from '../src/build/kernel-definitions/builtin-kernels.ts';
import { prepareBuildRoot } from '../src/build/root/prepare-build-root.ts';
import type { KernelArtifact } from '../src/core/kernel.ts';

/** What `--kernel scx` is. */
export function defaultKernel(): Promise<KernelArtifact> {
  const emit = () => {};
  return prepareKernel('scx', {
    emit,
    root: () => prepareBuildRoot({ emit }),
    definitions: builtinKernels(),
    build: buildSettings(undefined),
  });
}
