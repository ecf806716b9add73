import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import type { KernelArtifact } from '../../core/kernel.ts';
import { runStage } from '../../core/run-stage.ts';
import { openStore, type Store } from '../../platform/store.ts';
import { hashFile, keyOf } from '../../platform/store-key.ts';
import type { BuilderChoice } from '../environment/environment.ts';
import { openEnvironment } from '../environment/open-environment.ts';
import { collectErrorLines } from '../error-lines.ts';
import type { ResolvedSource, SourceContext } from '../kernel-source/source.ts';
import { type BuildRoot, buildRootKey } from '../root/prepare-build-root.ts';
import { storeCallbacks } from '../store-callbacks.ts';
import { BUILD_SELFTESTS, PLACES, PRODUCTS, SELFTESTS_DIR } from './build-script.ts';
import { caseNames, OUT } from './compiled-cases.ts';
import { selftestSource } from './selftest-source.ts';

/** The kernel tree's own tests of sched_ext, compiled for a kernel. */
export interface Selftests {
  /** `linux-source-6.12 6.12.117-1`. */
  readonly source: string;
  /** In the order in which the tree has them. */
  readonly cases: readonly SelftestCase[];
}

export interface SelftestCase {
  /** That of its file in the tree, without the `.c`. */
  readonly name: string;
  /** A runner with just this case in it, linked against the guest's libraries; undefined when it did not compile. */
  readonly program?: string;
  /** Why it did not compile, with the compiler's words. */
  readonly failure?: Failure;
}

export interface SelftestOptions {
  readonly root: () => Promise<BuildRoot>;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  readonly store?: Store;
  readonly builder: BuilderChoice;
  readonly offline: boolean;
}

const RECIPE = 1;
/** Objects and programs, bytes. */
const NEEDS = 300e6;

/**
 * Compiles the sched_ext selftests of a kernel's source against the kernel's types; from the store when they were before.
 * Throws `Failure`: usage when there are none or the kernel has no types, build when nothing at all can be compiled.
 */
export function prepareSelftests(kernel: KernelArtifact, options: SelftestOptions): Promise<Selftests> {
  const { emit, signal } = options;
  return runStage({
    ...{ emit, signal, stage: 'selftests', title: `Selftests sched_ext of ${kernel.release}` },
    work: async (progress) => {
      const { value, cached } = await obtain(kernel, progress, options);
      const { cases, source } = value;
      const failed = cases.filter(({ failure }) => failure).length;
      const lost = failed === 0 ? '' : `, ${failed} of which did not compile`;
      return { value, cached, detail: `${cases.length} cases of ${source}${lost}` };
    },
  });
}

async function obtain(kernel: KernelArtifact, progress: (detail: string) => void, options: SelftestOptions) {
  const { emit, signal, builder, offline, store = openStore() } = options;
  const { btf, release } = kernel;
  if (btf === undefined) throw noTypes(kernel);
  const context: SourceContext = {
    ...{ emit, signal, store, progress, offline },
    environment: () => openEnvironment({ builder, emit, signal, store, offline }),
  };
  const { source, isOwn } = await selftestSource(kernel, context);
  if (!isOwn) {
    const message = `The selftests are those of ${source.title}: of what Debian has, the newest that is not newer than Linux ${release}.`;
    emit({ type: 'notice', level: 'info', message });
  }
  const { entry, cached } = await store.obtain({
    kind: 'selftests',
    key: keyOf({
      ...{ recipe: RECIPE, script: BUILD_SELFTESTS, root: buildRootKey(), source: source.key },
      btf: await hashFile(btf, signal),
    }),
    needs: NEEDS,
    signal,
    make: (draft) => build(draft, { source, btf, kernel, progress }, options),
    ...storeCallbacks(`selftests of ${source.title}`, emit, progress),
  });
  return { value: { source: source.title, cases: readCases(entry.dir, source) }, cached };
}

interface Building {
  readonly source: ResolvedSource;
  readonly btf: string;
  readonly kernel: KernelArtifact;
  readonly progress: (detail: string) => void;
}

async function build(
  draft: string,
  building: Building,
  { root, signal }: SelftestOptions,
): Promise<undefined> {
  const { source, btf, kernel, progress } = building;
  await using tree = await source.obtain();
  if (!existsSync(join(tree.dir, SELFTESTS_DIR, 'Makefile'))) throw noSelftests(source, tree.version);
  const out = join(draft, OUT);
  mkdirSync(out);
  progress('compiling');
  const { log } = await (await root()).run({
    argv: ['sh', '-euc', BUILD_SELFTESTS, 'selftests', String(availableParallelism())],
    binds: [
      { host: tree.dir, guest: PLACES.tree, readOnly: true },
      { host: btf, guest: PLACES.btf, readOnly: true },
      { host: out, guest: PLACES.out, readOnly: false },
    ],
    name: 'selftests-sched_ext',
    title: `Compiling the selftests of ${source.title}`,
    signal,
    onLine: (line) => {
      const program = /^\s*CLNG-BPF\s+(\S+)\.bpf\.o/.exec(line)?.[1];
      if (program !== undefined) progress(`compiling ${program}`);
    },
    writesTo: { dir: dirname(draft), needs: NEEDS },
    failure: { code: 'selftests-failed' },
  });
  const cases = readCases(draft, source);
  if (cases.some(({ program }) => program !== undefined)) return undefined;
  throw new Failure({
    kind: 'build',
    code: 'selftests-failed',
    message: `None of the ${cases.length} selftests of ${source.title} could be compiled for the kernel ${kernel.name} (${kernel.release}).`,
    evidence: cases[0]?.failure?.evidence ?? [],
    log,
    hint: 'They are made for a kernel of their own version: build one, `devbox kernel build`.',
  });
}

function readCases(dir: string, source: ResolvedSource): SelftestCase[] {
  const out = join(dir, OUT);
  return caseNames(dir).map((name) => {
    const program = join(out, PRODUCTS.programs, name);
    return existsSync(program)
      ? { name, program }
      : { name, failure: notCompiled(name, join(out, PRODUCTS.failed, name), source) };
  });
}

function notCompiled(name: string, log: string, { title }: ResolvedSource): Failure {
  const errors = collectErrorLines();
  for (const line of readFileSync(log, 'utf8').split('\n')) errors.add(line);
  return new Failure({
    kind: 'build',
    code: 'selftest-failed',
    message: `The selftest ${name} of ${title} does not compile for this kernel.`,
    evidence: errors.lines(),
    log,
  });
}

function noTypes({ name, release }: KernelArtifact): Failure {
  return new Failure({
    kind: 'usage',
    code: 'kernel-feature-missing',
    message: `The kernel ${name} (${release}) has no BTF, which its selftests are compiled against.`,
    hint: 'Use --kernel scx, or switch on CONFIG_DEBUG_INFO_BTF.',
  });
}

function noSelftests({ title }: ResolvedSource, version: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'no-selftests',
    message: `Linux ${version} (${title}) has no ${SELFTESTS_DIR}.`,
    hint: 'They came with Linux 6.12: --kernel scx-6.12, for one.',
  });
}
