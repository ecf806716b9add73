import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { Made, StoreEntry } from '../../platform/store.ts';
import { keyOf } from '../../platform/store-key.ts';
import { storeCallbacks } from '../store-callbacks.ts';
import { HASTY, PATIENT } from './apt-script.ts';
import { writeBootModules } from './boot-modules.ts';
import { openFileSource } from './byte-source.ts';
import { readBzImageHeader } from './bzimage.ts';
import { chooseKernel, rejectedNotice } from './choose-kernel.ts';
import { type Answer, readAnswer, writeAnswer } from './debian-answer.ts';
import { type DebianSource, fetchPackages, type KernelContext, listKernels } from './debian-apt.ts';
import { type DebianKernel, versionOf } from './debian-packages.ts';
import { decompressInRoot } from './decompress-in-root.ts';
import { examineKernel } from './examine-kernel.ts';
import { extractVmlinux } from './extract-vmlinux.ts';
import { FILES, inspectKernel } from './kernel-entry.ts';
import { planBootModules, readModuleIndex } from './modules.ts';

export interface ObtainedKernel {
  readonly entry: StoreEntry;
  readonly cached: boolean;
}

const RECIPE = 2;
const ASK_AGAIN_MS = 7 * 24 * 3600 * 1000;
/** After the mirror could not be asked. */
const TRY_AGAIN_MS = 3600 * 1000;
/** Packages, unpacked tree and uncompressed kernel. Bytes. */
const NEEDS = 300e6;

/**
 * The newest sched_ext kernel of a Debian suite whose kfuncs can all be called. The mirror is asked once a week, and
 * when the kernel is not in the store.
 */
export async function obtainBestKernel(
  source: DebianSource,
  context: KernelContext,
): Promise<ObtainedKernel> {
  const { store, emit, progress } = context;
  const known = readAnswer(source);
  const kept = known && (await store.lookup('kernel', keyOfKernel(known)));
  if (kept && Date.now() - known.askedAt < ASK_AGAIN_MS) return { entry: kept, cached: true };
  try {
    progress('asking for the newest kernel');
    return await askForBest(source, kept ? HASTY : PATIENT, context);
  } catch (error) {
    if (!kept || !(error instanceof Failure) || error.kind === 'cancelled') throw error;
    writeAnswer({ ...known, askedAt: Date.now() - ASK_AGAIN_MS + TRY_AGAIN_MS }, source);
    emit({
      type: 'notice',
      level: 'warning',
      message: `Could not ask whether there is a kernel newer than ${known.release}: using that one. ${error.message}`,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
    return { entry: kept, cached: true };
  }
}

async function askForBest(
  source: DebianSource,
  manner: readonly string[],
  context: KernelContext,
): Promise<ObtainedKernel> {
  const kernels = await listKernels(source, manner, context);
  const choice = await chooseKernel(kernels, (kernel) =>
    examineKernel(kernel, async () => (await obtain(kernel, context)).entry, context),
  );
  if (!choice) throw noKernel(`Debian's ${source.suite} has no sched_ext kernel ${source.flavour}.`, kernels);
  const notice = rejectedNotice(choice);
  if (notice) context.emit(notice);
  return obtainAndRemember(choice.kernel, context, source);
}

/** One version, `7.2.12`, whatever it lacks. What was found once is not asked for again. */
export async function obtainDebianVersion(
  version: string,
  source: DebianSource,
  context: KernelContext,
): Promise<ObtainedKernel> {
  if (!/^\d[\w.+-]*$/.test(version)) throw noKernel(`"${version}" is no version of a kernel.`, []);
  const known: Answer | undefined = readAnswer(source, version);
  const kept = known && (await context.store.lookup('kernel', keyOfKernel(known)));
  if (kept) return { entry: kept, cached: true };
  context.progress(`asking for the kernel ${version}`);
  const kernels = await listKernels(source, PATIENT, context);
  const kernel = kernels.find(({ release }) => release === version || versionOf(release) === version);
  if (!kernel) throw noKernel(`Debian's ${source.suite} has no kernel ${version}.`, kernels);
  return obtainAndRemember(kernel, context, source, version);
}

function noKernel(message: string, kernels: readonly DebianKernel[]): Failure {
  const versions = kernels.map(({ release }) => versionOf(release));
  return new Failure({
    kind: 'usage',
    code: 'no-such-kernel',
    message,
    hint:
      versions.length > 0
        ? `It has: ${versions.join(', ')}.`
        : 'Give a version like debian:7.2.12, or a kernel of your own.',
  });
}

async function obtainAndRemember(
  kernel: DebianKernel,
  context: KernelContext,
  ...about: [DebianSource, version?: string]
): Promise<ObtainedKernel> {
  const { entry } = await obtain(kernel, context);
  writeAnswer({ ...kernel, askedAt: Date.now() }, ...about);
  return { entry, cached: false }; // The mirror was asked, whatever of the answer was there already.
}

function obtain(kernel: DebianKernel, context: KernelContext): Promise<ObtainedKernel> {
  const { store, signal, emit, progress } = context;
  return store.obtain({
    kind: 'kernel',
    key: keyOfKernel(kernel),
    needs: NEEDS,
    signal,
    make: (draft) => fetchKernel(draft, kernel, context),
    ...storeCallbacks(`kernel ${kernel.release}`, emit, progress),
  });
}

function keyOfKernel({ release, packages }: DebianKernel): string {
  return keyOf({
    recipe: RECIPE,
    source: 'debian',
    release,
    packages: packages.map((item) => ({ ...item })),
  });
}

async function fetchKernel(draft: string, kernel: DebianKernel, context: KernelContext): Promise<Made> {
  const { signal, progress } = context;
  const { release } = kernel;
  progress(`fetching ${release}`);
  await fetchPackages(draft, kernel, NEEDS, context);
  progress(`unpacking ${release}`);
  const decompress = decompressInRoot(context.root, draft, signal);
  {
    using source = openFileSource(join(draft, FILES.bzImage));
    const vmlinux = await extractVmlinux(source, readBzImageHeader(source), decompress);
    writeFileSync(join(draft, FILES.vmlinux), vmlinux);
  }
  const given = join(draft, 'given-config');
  const configText = readFileSync(given, 'latin1');
  rmSync(given);
  const inspection = inspectKernel(draft, { name: release, configText });
  const modulesDir = join('modules', 'lib', 'modules', release);
  const index = readModuleIndex(join(draft, modulesDir));
  const { names } = planBootModules(index, inspection.config);
  await writeBootModules(draft, { index, names, decompress });
  return { meta: { ...inspection.meta, modulesDir }, trees: ['modules'] };
}
