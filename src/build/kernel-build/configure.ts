import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import type { KernelDefinition } from '../../core/kernel-definition.ts';
import { runStage } from '../../core/run-stage.ts';
import type { Store } from '../../platform/store.ts';
import type { BuildEnvironment } from '../environment/environment.ts';
import { explainDropped } from '../kconfig/explain-dropped.ts';
import type { ConfigRequest, DroppedOption } from '../kconfig/request.ts';
import { resolveConfig } from '../kconfig/resolve-config.ts';
import type { SourceTree } from '../kernel-source/source.ts';
import { storeCallbacks } from '../store-callbacks.ts';
import type { CompileCache } from './compile-cache.ts';
import { kconfigDigest } from './kconfig-digest.ts';
import { configKey } from './kernel-key.ts';
import { buildEnvironmentVariables, makeVariables } from './make-words.ts';

export interface ConfigureOptions {
  readonly definition: KernelDefinition;
  readonly requests: readonly ConfigRequest[];
  readonly environment: BuildEnvironment;
  readonly tree: SourceTree;
  /** Where to do it, when nothing is there yet: what Kconfig is made of is compiled once then. */
  readonly outDir?: string | undefined;
  readonly cache: CompileCache;
  /** Go on when it lacks something that was asked for. */
  readonly keepGoing: boolean;
  readonly store: Store;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The whole .config, compared with what was asked for before anything is compiled: from the store, or made by the
 * tree's own Kconfig. Throws `Failure` build/options-dropped with the reasons.
 */
export function configureKernel(options: ConfigureOptions): Promise<string> {
  const { definition, keepGoing, emit, signal } = options;
  return runStage({
    ...{ emit, signal, stage: 'kernel-config', title: 'Configure' },
    work: async (progress) => {
      const { text, dropped, cached } = await obtainConfig(options, progress);
      if (dropped.length > 0) {
        const evidence = explainDropped(dropped);
        if (!keepGoing) throw optionsDropped(definition.name, dropped.length, evidence);
        emit({ type: 'notice', level: 'warning', message: evidence.join('\n') });
      }
      const detail = `${(text.match(/^CONFIG_\w+=[ym]$/gm) ?? []).length} options on`;
      return { value: text, cached, detail };
    },
  });
}

async function obtainConfig(options: ConfigureOptions, progress: (detail: string) => void) {
  const { definition, requests, environment, tree, cache, store, emit, signal } = options;
  const toolchainDigest = environment.toolchain.digest;
  // Of a tree that is edited file by file, most edits leave the configuration as it was.
  const sourceKey = tree.incremental ? kconfigDigest(tree.dir) : tree.key;
  const { entry, cached } = await store.obtain({
    kind: 'kernel-config',
    key: configKey({ definition, requests, sourceKey, toolchainDigest }),
    signal,
    make: async (draft) => {
      const [aside, scratch] = [join(draft, 'objects'), join(draft, 'scratch')];
      for (const dir of [aside, scratch]) mkdirSync(dir);
      const { outDir = aside } = options;
      const { base, make } = definition;
      const resolved = await resolveConfig({
        ...{ environment, source: tree, requests, base, outDir, scratch, signal, progress },
        make: makeVariables(make, cache),
        mounts: cache.mounts,
        env: { ...buildEnvironmentVariables(tree.epoch), ...cache.env },
        before: cache.open,
      });
      for (const dir of [aside, scratch]) rmSync(dir, { recursive: true, force: true });
      writeFileSync(join(draft, 'config'), resolved.text);
      writeFileSync(join(draft, 'dropped.json'), JSON.stringify(resolved.dropped));
      return undefined;
    },
    ...storeCallbacks(`configuration of ${definition.name}`, emit, progress),
  });
  const dropped = JSON.parse(readFileSync(join(entry.dir, 'dropped.json'), 'utf8')) as DroppedOption[];
  return { text: readFileSync(join(entry.dir, 'config'), 'utf8'), dropped, cached };
}

function optionsDropped(name: string, count: number, evidence: readonly string[]): Failure {
  return new Failure({
    kind: 'build',
    code: 'options-dropped',
    message: `The configuration of ${name} lacks ${count} of the options that were asked for; nothing was compiled.`,
    evidence,
    hint: 'Add what is named above, take the option out, or build all the same with --keep-going.',
  });
}
