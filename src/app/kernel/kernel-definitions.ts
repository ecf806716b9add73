import { dirname, relative } from 'node:path';
import { builtinKernels } from '../../build/kernel-definitions/builtin-kernels.ts';
import { readDefinition } from '../../build/kernel-definitions/read-definition.ts';
import { Failure } from '../../core/failure.ts';
import type { KernelDefinition } from '../../core/kernel-definition.ts';
import { loadConfig } from '../config/load-config.ts';

/**
 * The kernels that have a name in `cwd`: ours, then those of devbox.config. Throws `Failure` usage/bad-config, also when
 * one of theirs has the name of one of ours.
 */
export async function kernelDefinitions(cwd: string): Promise<KernelDefinition[]> {
  const known = builtinKernels();
  const loaded = await loadConfig(cwd);
  if (!loaded) return known;
  const file = relative(cwd, loaded.file) || loaded.file;
  for (const [name, input] of Object.entries(loaded.config.kernels ?? {})) {
    if (known.some((kernel) => kernel.name === name)) throw taken(file, name);
    const parent = (wanted: string) => known.find((kernel) => kernel.name === wanted);
    known.push(readDefinition({ name, input, dir: dirname(loaded.file), file, parent }));
  }
  return known;
}

function taken(file: string, name: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'bad-config',
    message: `${file}: the kernel "${name}" has the name of one that comes with devbox.`,
    hint: `Give it another name, and { extends: "${name}" } to begin with that one.`,
  });
}
