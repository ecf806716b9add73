import {
  noSuchKernel,
  type PreparedKernel,
  prepareDefinedKernel,
} from '../../build/kernel/prepare-kernel.ts';
import { prepareBuildRoot } from '../../build/root/prepare-build-root.ts';
import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import { buildSettings } from './build-kernel.ts';
import { kernelDefinitions } from './kernel-definitions.ts';

/** Fetches a named kernel that Debian ships built. Throws `Failure` usage for one that has to be compiled. */
export async function fetchKernel(
  name: string,
  { cwd, emit, signal }: { readonly cwd: string; readonly emit: Emit; readonly signal: AbortSignal },
): Promise<PreparedKernel> {
  const definitions = await kernelDefinitions(cwd);
  const definition = definitions.find((candidate) => candidate.name === name);
  if (!definition) {
    throw noSuchKernel(
      name,
      definitions.map((candidate) => candidate.name),
    );
  }
  if (definition.source.kind !== 'debian-prebuilt') {
    throw new Failure({
      kind: 'usage',
      code: 'not-prebuilt',
      message: `Nobody ships the kernel ${name} built: it has to be compiled.`,
      hint: `devbox kernel build ${name}`,
    });
  }
  return prepareDefinedKernel(definition, {
    ...{ emit, signal, definitions, build: buildSettings(undefined) },
    root: () => prepareBuildRoot({ emit, signal }),
  });
}
