import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { diffConfig } from '../../build/kconfig/compare-config.ts';
import { parseKconfig } from '../../build/kernel/kconfig.ts';
import { FILES } from '../../build/kernel/kernel-entry.ts';
import { prepareKernel, resolveDefinedConfig } from '../../build/kernel/prepare-kernel.ts';
import { prepareBuildRoot } from '../../build/root/prepare-build-root.ts';
import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import { openStore } from '../../platform/store.ts';
import { buildSettings } from './build-kernel.ts';
import { kernelDefinitions } from './kernel-definitions.ts';
import { readLock } from './kernel-lock.ts';

interface Around {
  readonly cwd: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface KernelConfig {
  /** The whole .config. */
  readonly text: string;
  /** By name, as they stand there: `CONFIG_SMP`, `y`. */
  readonly options: ReadonlyMap<string, string>;
}

/** The resolved configuration of a kernel. One that would have to be compiled is only configured. */
export async function configOf(selector: string, { cwd, emit, signal }: Around): Promise<KernelConfig> {
  const definitions = await kernelDefinitions(cwd);
  const store = openStore();
  const options = {
    ...{ emit, signal, store, definitions, build: buildSettings(readLock(cwd)) },
    root: () => prepareBuildRoot({ emit, signal, store }),
  };
  const definition = definitions.find(({ name }) => name === selector);
  if (definition && definition.source.kind !== 'debian-prebuilt') {
    const text = await resolveDefinedConfig(definition, options);
    return { text, options: parseKconfig(text) };
  }
  const { bootImage, config, release } = await prepareKernel(selector, options);
  if (!config) {
    throw new Failure({
      kind: 'usage',
      code: 'no-configuration',
      message: `The kernel ${selector} (${release}) does not carry its configuration.`,
      hint: 'Put its .config beside the image as "config", or build with CONFIG_IKCONFIG=y.',
    });
  }
  return { text: readFileSync(join(dirname(bootImage), FILES.config), 'latin1'), options: config };
}

/** The options that differ between two kernels, by name. */
export async function diffKernels(a: string, b: string, around: Around) {
  const [first, second] = [await configOf(a, around), await configOf(b, around)];
  return diffConfig(first.text, second.text);
}
