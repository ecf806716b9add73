import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Emit } from '../../core/event.ts';
import { acquireLock } from '../../platform/lock.ts';
import { cacheDir } from '../../platform/paths.ts';
import type { Store } from '../../platform/store.ts';
import { mirrorHint } from '../root/debootstrap.ts';
import type { BuildRoot } from '../root/prepare-build-root.ts';
import { APT_OPTIONS, FETCH_SCRIPT, IMAGE_SCRIPT, LIST_SCRIPT, PATIENT } from './apt-script.ts';
import { type DebianKernel, type DebianPackage, findKernels } from './debian-packages.ts';

export interface DebianSource {
  readonly suite: string;
  /** The end of the kernels' names: `cloud-amd64`. */
  readonly flavour: string;
}

export interface KernelContext {
  readonly root: () => Promise<BuildRoot>;
  readonly emit: Emit;
  readonly signal: AbortSignal | undefined;
  readonly store: Store;
  readonly progress: (detail: string) => void;
}

/** Asks the mirror for all whole kernels, newest first. */
export async function listKernels(
  source: DebianSource,
  manner: readonly string[],
  context: KernelContext,
): Promise<DebianKernel[]> {
  await using _lock = await lockApt(context);
  const root = await context.root();
  const { stdout } = await root.run({
    argv: ['sh', '-euc', LIST_SCRIPT, 'list', source.flavour, ...APT_OPTIONS, ...manner],
    binds: aptBinds(),
    network: true,
    name: 'kernel-list',
    title: `Asking Debian for the kernels in ${source.suite}`,
    signal: context.signal,
    failure: { code: 'kernel-lists-failed', hint: mirrorHint },
  });
  return findKernels(stdout, source.flavour);
}

/** Fetches and unpacks all of a kernel into `draft`: bzImage, given-config and modules/. */
export function fetchPackages(draft: string, kernel: DebianKernel, needs: number, context: KernelContext) {
  return download(FETCH_SCRIPT, draft, kernel.release, kernel.packages, needs, context);
}

/** Fetches one package of a kernel and puts no more than its bzImage into `draft`. */
export function fetchImage(
  draft: string,
  release: string,
  item: DebianPackage,
  needs: number,
  context: KernelContext,
) {
  return download(IMAGE_SCRIPT, draft, release, [item], needs, context);
}

async function download(
  script: string,
  draft: string,
  release: string,
  packages: readonly DebianPackage[],
  needs: number,
  context: KernelContext,
): Promise<void> {
  const root = await context.root();
  await using _lock = await lockApt(context);
  const wanted = packages.map((item) => `${item.name}=${item.version}`);
  await root.run({
    argv: ['sh', '-euc', script, 'fetch', release, ...APT_OPTIONS, ...PATIENT, 'download', ...wanted],
    binds: [...aptBinds(), { host: draft, guest: '/mnt/out', readOnly: false }],
    network: true,
    name: 'kernel-fetch',
    title: `Fetching the kernel ${release}`,
    signal: context.signal,
    writesTo: { dir: dirname(draft), needs },
    failure: { code: 'kernel-fetch-failed', hint: mirrorHint },
  });
}

/** What devbox and apt remember of Debian's kernels. */
export const aptDir = () => join(cacheDir(), 'apt');

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
