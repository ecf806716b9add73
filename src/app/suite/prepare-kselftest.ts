import { prepareKernel } from '../../build/kernel/prepare-kernel.ts';
import { prepareBuildRoot } from '../../build/root/prepare-build-root.ts';
import { prepareSelftests } from '../../build/selftests/prepare-selftests.ts';
import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import { FEATURE_OPTIONS, type KernelArtifact } from '../../core/kernel.ts';
import { openStore } from '../../platform/store.ts';
import { buildSettings } from '../kernel/build-kernel.ts';
import { kernelDefinitions } from '../kernel/kernel-definitions.ts';
import { readLock } from '../kernel/kernel-lock.ts';
import type { TestSuite } from './suite.ts';
import type { TestFile } from './test-file.ts';

/** The tests of a suite for each of its kernels, by what `--kernel` calls it. */
export type TestsOfKernels = ReadonlyMap<string, readonly TestFile[]>;

interface Around {
  /** Where devbox was started. */
  readonly cwd: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * The kernel's own tests as the source of each kernel has them, compiled for it; undefined for a suite of files. Throws
 * `Failure` usage for a kernel that cannot have any.
 */
export async function prepareKselftest(
  suite: TestSuite,
  { cwd, emit, signal }: Around,
): Promise<TestsOfKernels | undefined> {
  if (suite.selftests === undefined) return undefined;
  const store = openStore();
  const root = () => prepareBuildRoot({ emit, signal, store });
  const build = buildSettings(readLock(cwd));
  const definitions = await kernelDefinitions(cwd);
  const tests = new Map<string, readonly TestFile[]>();
  for (const name of new Set(suite.kernels)) {
    const around = { root, emit, signal, store };
    const kernel = await prepareKernel(name, { ...around, definitions, build });
    requireSchedExt(kernel);
    const { builder, offline } = build;
    const { cases } = await prepareSelftests(kernel, { ...around, builder, offline });
    tests.set(
      name,
      cases.map(({ name: file, program = '', failure }) => ({
        ...{ name: file, path: program, kind: 'selftest', directives: {} },
        ...(failure && { failure }),
      })),
    );
  }
  return tests;
}

function requireSchedExt({ name, release, features, unknownFeatures }: KernelArtifact): void {
  if (features.has('sched-ext') || unknownFeatures.has('sched-ext')) return;
  throw new Failure({
    kind: 'usage',
    code: 'kernel-feature-missing',
    message: `The kernel ${name} (${release}) was built without ${FEATURE_OPTIONS['sched-ext'].join(', ')}: there is nothing to test.`,
    hint: 'Use --kernel scx, or a kernel with the option switched on.',
  });
}
