import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import { acquireLock } from '../../platform/lock.ts';
import { cacheDir } from '../../platform/paths.ts';
import type { Made, Store, StoreEntry } from '../../platform/store.ts';
import { keyOf } from '../../platform/store-key.ts';
import { mirrorHint } from '../root/debootstrap.ts';
import type { BuildRoot } from '../root/prepare-build-root.ts';
import { storeCallbacks } from '../store-callbacks.ts';
import { APT_OPTIONS, FETCH_SCRIPT, HASTY, NEWEST_SCRIPT, PATIENT } from './apt-script.ts';
import { writeBootModules } from './boot-modules.ts';
import { openFileSource } from './byte-source.ts';
import { readBzImageHeader } from './bzimage.ts';
import { type DebianKernel, findKernel, parsePackages } from './debian-packages.ts';
import { decompressInRoot } from './decompress-in-root.ts';
import { extractVmlinux } from './extract-vmlinux.ts';
import { FILES, inspectKernel } from './kernel-entry.ts';
import { planBootModules, readModuleIndex } from './modules.ts';

export interface DebianSource {
  readonly suite: string;
  /** A metapackage that depends on the newest kernel. */
  readonly package: string;
}

export interface KernelContext {
  readonly root: () => Promise<BuildRoot>;
  readonly emit: Emit;
  readonly signal: AbortSignal | undefined;
  readonly store: Store;
  readonly progress: (detail: string) => void;
}

const RECIPE = 1;
const ASK_AGAIN_MS = 7 * 24 * 3600 * 1000;
/** After the mirror could not be asked. */
const TRY_AGAIN_MS = 3600 * 1000;
/** Packages, unpacked tree and uncompressed kernel. Bytes. */
const NEEDS = 300e6;

interface Answer extends DebianKernel {
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
}

/** The newest kernel of a Debian suite. The mirror is asked once a week, and when the kernel is not in the store. */
export async function obtainDebianKernel(name: string, source: DebianSource, context: KernelContext) {
  const { store, emit, progress } = context;
  const known = readAnswer(source);
  const kept = known && (await store.lookup('kernel', keyOfKernel(known)));
  if (kept && Date.now() - known.askedAt < ASK_AGAIN_MS) return { entry: kept, cached: true };
  let kernel: DebianKernel;
  try {
    progress('asking for the newest kernel');
    kernel = await askNewest(source, kept ? HASTY : PATIENT, context);
  } catch (error) {
    if (!kept || !(error instanceof Failure) || error.kind === 'cancelled') throw error;
    writeAnswer(source, { ...known, askedAt: Date.now() - ASK_AGAIN_MS + TRY_AGAIN_MS });
    emit({
      type: 'notice',
      level: 'warning',
      message: `Could not ask whether there is a kernel newer than ${known.release}: using that one. ${error.message}`,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
    return { entry: kept, cached: true };
  }
  return store.obtain({
    kind: 'kernel',
    key: keyOfKernel(kernel),
    needs: NEEDS,
    signal: context.signal,
    make: (draft) => fetchKernel(draft, name, kernel, context),
    ...storeCallbacks(`kernel ${kernel.release}`, emit, progress),
  }) satisfies Promise<{ entry: StoreEntry; cached: boolean }>;
}

function keyOfKernel({ release, packages }: DebianKernel): string {
  return keyOf({
    recipe: RECIPE,
    source: 'debian',
    release,
    packages: packages.map((item) => ({ ...item })),
  });
}

async function askNewest(
  source: DebianSource,
  manner: readonly string[],
  context: KernelContext,
): Promise<DebianKernel> {
  await using _lock = await lockApt(context);
  const root = await context.root();
  const { stdout } = await root.run({
    argv: ['sh', '-euc', NEWEST_SCRIPT, 'newest', source.suite, source.package, ...APT_OPTIONS, ...manner],
    binds: aptBinds(),
    network: true,
    name: 'kernel-newest',
    title: `Asking Debian for the newest ${source.package} in ${source.suite}`,
    signal: context.signal,
    failure: { code: 'kernel-lists-failed', hint: mirrorHint },
  });
  const kernel = findKernel(parsePackages(stdout));
  if (!kernel) {
    throw new Failure({
      kind: 'build',
      code: 'no-kernel-in-suite',
      message: `Debian's ${source.suite} has no kernel for ${source.package}.`,
      hint: 'Give a kernel of your own with --kernel.',
    });
  }
  writeAnswer(source, { ...kernel, askedAt: Date.now() });
  return kernel;
}

async function fetchKernel(
  draft: string,
  name: string,
  kernel: DebianKernel,
  context: KernelContext,
): Promise<Made> {
  const { signal, progress } = context;
  const { release, packages } = kernel;
  progress(`fetching ${release}`);
  const root = await context.root();
  {
    await using _lock = await lockApt(context);
    const wanted = packages.map((item) => `${item.name}=${item.version}`);
    await root.run({
      argv: ['sh', '-euc', FETCH_SCRIPT, 'fetch', release, ...APT_OPTIONS, ...PATIENT, 'download', ...wanted],
      binds: [...aptBinds(), { host: draft, guest: '/mnt/out', readOnly: false }],
      network: true,
      name: 'kernel-fetch',
      title: `Fetching the kernel ${release}`,
      signal,
      writesTo: { dir: dirname(draft), needs: NEEDS },
      failure: { code: 'kernel-fetch-failed', hint: mirrorHint },
    });
  }
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
  const inspection = inspectKernel(draft, { name, configText });
  const modulesDir = join('modules', 'lib', 'modules', release);
  const index = readModuleIndex(join(draft, modulesDir));
  const { names } = planBootModules(index, inspection.config);
  await writeBootModules(draft, { index, names, decompress });
  return { meta: { ...inspection.meta, modulesDir }, trees: ['modules'] };
}

const aptDir = () => join(cacheDir(), 'apt');

/** apt keeps its lists between runs, outside the root, which is never written to. */
function aptBinds() {
  const places = { lists: '/var/lib/apt/lists', cache: '/var/cache/apt' };
  return Object.entries(places).map(([name, guest]) => {
    const host = join(aptDir(), name);
    mkdirSync(join(host, name === 'lists' ? 'partial' : 'archives/partial'), { recursive: true });
    return { host, guest, readOnly: false };
  });
}

function lockApt({ signal, progress }: KernelContext) {
  return acquireLock({
    file: join(aptDir(), 'lock'),
    onWait: () => progress('waiting for another devbox to finish with apt'),
    ...(signal && { signal }),
  });
}

const answerFile = (source: DebianSource) => join(aptDir(), `${source.suite}-${source.package}.json`);

function readAnswer(source: DebianSource): Answer | undefined {
  try {
    const answer = JSON.parse(readFileSync(answerFile(source), 'utf8')) as Answer;
    return answer.packages.length > 0 && answer.askedAt <= Date.now() ? answer : undefined;
  } catch {
    return undefined;
  }
}

function writeAnswer(source: DebianSource, answer: Answer): void {
  const draft = `${answerFile(source)}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(answer));
  renameSync(draft, answerFile(source));
}
