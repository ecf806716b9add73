import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import { runStage } from '../../core/run-stage.ts';
import type { BuildEnvironment, EnvironmentCommand, EnvironmentMount } from '../environment/environment.ts';
import type { SourceTree } from '../kernel-source/source.ts';
import type { BuildDir } from './build-dir.ts';
import { type CompileCache, NO_COMPILE_CACHE, servedFiles } from './compile-cache.ts';
import { collectCompileErrors, compileHint } from './compile-errors.ts';
import { estimateObjects } from './count-objects.ts';
import { createMakeProgress, type MakeProgress } from './make-progress.ts';
import { buildEnvironmentVariables, makeWords, PLACES } from './make-words.ts';

export interface CompileOptions {
  readonly name: string;
  readonly environment: BuildEnvironment;
  readonly tree: SourceTree;
  readonly buildDir: BuildDir;
  /** The whole .config. */
  readonly config: string;
  /** Where a directory for the configuration may be made. */
  readonly draft: string;
  readonly make: Readonly<Record<string, string>>;
  readonly jobs: number;
  readonly cache: CompileCache;
  readonly memoryBytes?: number | undefined;
  /** From an earlier build. */
  readonly knownObjects: number | undefined;
  /** Room that a build takes, bytes. */
  readonly needs: number;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

export interface Compiled {
  readonly progress: MakeProgress;
  readonly log: string;
  /** Files that were taken from the cache. */
  readonly served: number;
  /** Inside the environment: repeats the build by hand. */
  readonly argv: readonly string[];
}

/**
 * A .config that did not change keeps its time, and so do the objects that depend on it. One make for all: each takes
 * seconds to find out that it has nothing to do.
 */
const compileScript = ({ open, close }: CompileCache) => `
${open}
cmp -s ${PLACES.config}/config ${PLACES.build}/.config || cp ${PLACES.config}/config ${PLACES.build}/.config
if grep -q '^CONFIG_MODULES=y' ${PLACES.build}/.config; then set -- "$@" modules; fi
"$@" bzImage headers
${close}
`;

const EVERY_MS = 100;

/** Compiles kernel and modules. Throws `Failure` build/kernel-compile-failed with the first real error. */
export async function compileKernel(options: CompileOptions): Promise<Compiled> {
  const { emit, signal, draft, config } = options;
  const configDir = join(draft, 'config-in');
  mkdirSync(configDir);
  writeFileSync(join(configDir, 'config'), config);
  return runStage({
    ...{ emit, signal, stage: 'kernel-build', title: 'Compile' },
    work: async () => {
      const value = await compile(options, configDir);
      const { objects, warnings } = value.progress;
      const counted = warnings === 0 ? '' : `, ${warnings} warning${warnings === 1 ? '' : 's'}`;
      const known = value.served === 0 ? '' : `, ${value.served} files known`;
      return { value, detail: `${objects} object${objects === 1 ? '' : 's'}${known}${counted}` };
    },
  });
}

async function compile(options: CompileOptions, configDir: string): Promise<Compiled> {
  const { emit, make, jobs, cache } = options;
  const total = objectsToCompile(options);
  const progress = createMakeProgress();
  const errors = collectCompileErrors();
  let shownAt = 0;
  let served = 0;
  const onLine = (line: string) => {
    const isStep = progress.add(line);
    errors.add(line);
    served = servedFiles(line) ?? served;
    if (!isStep || performance.now() - shownAt < EVERY_MS) return;
    shownAt = performance.now();
    emit({ type: 'stage-progress', stage: 'kernel-build', ...describe(progress.now(), total) });
  };
  try {
    const { log } = await options.environment.run({
      ...command(options, configDir),
      argv: ['sh', '-euc', compileScript(cache), 'compile', ...makeWords(make, { jobs, cache })],
      onLine,
    });
    const words = makeWords(make, { jobs, cache: NO_COMPILE_CACHE });
    return { progress: progress.now(), served, log, argv: [...words, 'bzImage', 'headers', 'modules'] };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== FAILED) throw error;
    const evidence = errors.lines();
    const hint = compileHint(evidence) ?? error.hint;
    throw new Failure({
      ...{ kind: error.kind, code: error.code, message: error.message, evidence, cause: error },
      ...(hint !== undefined && { hint }),
      ...(error.log !== undefined && { log: error.log }),
    });
  }
}

/** Those of the last build, else about as many as the tree's Kbuild files name. Unknown where objects of before are kept. */
function objectsToCompile({ knownObjects, buildDir, tree, config }: CompileOptions): number | undefined {
  if (buildDir.isKept) return undefined;
  return knownObjects ?? estimateObjects(tree.dir, config);
}

const FAILED = 'kernel-compile-failed';

function command(
  options: CompileOptions,
  configDir: string,
): Omit<EnvironmentCommand, 'argv'> & { readonly mounts: readonly EnvironmentMount[] } {
  const { cache, tree, buildDir, jobs, memoryBytes, signal, name, needs } = options;
  return {
    name: `kernel-${name}`,
    title: `Compiling the kernel ${name}`,
    mounts: [
      { host: tree.dir, guest: PLACES.source, mode: 'input' },
      { host: configDir, guest: PLACES.config, mode: 'input' },
      { host: buildDir.dir, guest: PLACES.build, mode: 'work' },
      ...cache.mounts,
    ],
    env: { ...buildEnvironmentVariables(tree.epoch), ...cache.env },
    limits: { cpus: jobs, ...(memoryBytes !== undefined && { memoryBytes }) },
    signal,
    writesTo: { dir: buildDir.dir, needs },
    failure: { code: FAILED },
  };
}

function describe({ objects, warnings, file }: MakeProgress, total: number | undefined) {
  const counted = warnings === 0 ? '' : `, ${warnings} warning${warnings === 1 ? '' : 's'}`;
  const of = total === undefined ? `${objects} objects` : `${objects} of ${Math.max(total, objects)} objects`;
  return {
    detail: `${of}${counted}: ${file}`,
    done: objects,
    ...(total !== undefined && { total: Math.max(total, objects) }),
  };
}
