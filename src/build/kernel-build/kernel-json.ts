import { createHash } from 'node:crypto';
import type { KeyInput } from '../../platform/store-key.ts';
import type { BuildEnvironment } from '../environment/environment.ts';
import type { ConfigRequest } from '../kconfig/request.ts';
import type { ResolvedSource, SourceTree } from '../kernel-source/source.ts';
import type { KernelBuild } from './build-kernel.ts';
import type { Compiled } from './compile.ts';
import { buildEnvironmentVariables } from './make-words.ts';

interface Ingredients {
  readonly making: KernelBuild & {
    readonly key: string;
    readonly requests: readonly ConfigRequest[];
    readonly source: ResolvedSource;
    readonly environment: BuildEnvironment;
  };
  readonly tree: SourceTree;
  readonly compiled: Compiled;
  readonly meta: Readonly<Record<string, KeyInput>>;
}

/** What a built kernel is made of, for people and programs: the file kernel.json beside it. Described in docs/kernels.md. */
export function kernelJson({ making, tree, compiled, meta }: Ingredients): string {
  const { definition, environment, requests, key } = making;
  const { toolchain, image, builder } = environment;
  const options = requests.map(({ symbol, value }) => `${symbol}=${value}\n`).join('');
  const value = {
    schema: 1,
    name: definition.name,
    key,
    release: meta.release,
    version: tree.version,
    features: meta.features,
    missingKfuncs: meta.missingKfuncs,
    source: tree.pin,
    requests: { base: definition.base, sha256: createHash('sha256').update(options).digest('hex') },
    toolchain,
    image,
    builder,
    build: {
      argv: compiled.argv,
      environment: buildEnvironmentVariables(tree.epoch),
      objects: compiled.progress.objects,
      warnings: compiled.progress.warnings,
    },
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}
