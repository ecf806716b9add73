import type { UntimedEvent } from '../../core/event.ts';
import { type DebianKernel, versionOf } from './debian-packages.ts';

export interface Examination {
  readonly isSchedExt: boolean;
  /** See `findMissingKfuncs`; undefined when it could not be told, which is held against no kernel. */
  readonly missingKfuncs: readonly string[] | undefined;
}

export interface Rejected {
  readonly release: string;
  readonly missingKfuncs: readonly string[];
}

export interface Choice {
  readonly kernel: DebianKernel;
  /** Newer ones, newest first. */
  readonly rejected: readonly Rejected[];
}

/**
 * The newest sched_ext kernel all of whose kfuncs can be called, else the one with the fewest gaps. `kernels` are in
 * the order of preference; to examine one may mean to download it, so it ends with the first that is whole.
 */
export async function chooseKernel(
  kernels: readonly DebianKernel[],
  examine: (kernel: DebianKernel) => Promise<Examination>,
): Promise<Choice | undefined> {
  const incomplete: (Rejected & { readonly kernel: DebianKernel })[] = [];
  for (const kernel of kernels) {
    const { isSchedExt, missingKfuncs = [] } = await examine(kernel);
    if (!isSchedExt) continue;
    if (missingKfuncs.length === 0) return { kernel, rejected: incomplete };
    incomplete.push({ kernel, release: kernel.release, missingKfuncs });
  }
  // Sorting is stable: of equals it is the newest.
  const [best] = incomplete.toSorted((a, b) => a.missingKfuncs.length - b.missingKfuncs.length);
  return best && { kernel: best.kernel, rejected: incomplete.slice(0, incomplete.indexOf(best)) };
}

type Notice = Extract<UntimedEvent, { type: 'notice' }>;

/** Why it is not the newest. */
export function rejectedNotice({ kernel, rejected: [newest, ...others] }: Choice): Notice | undefined {
  if (newest === undefined) return undefined;
  const more = others.map((other) => `${versionOf(other.release)} (${other.missingKfuncs.length})`);
  const version = versionOf(newest.release);
  return {
    type: 'notice',
    level: 'info',
    message:
      `Linux ${version} is skipped: ${describeGaps(newest.missingKfuncs)}.` +
      `${more.length > 0 ? ` So ${more.length === 1 ? 'is' : 'are'} ${more.join(', ')}.` : ''} Using ${versionOf(kernel.release)}.`,
    hint: `To boot it all the same: --kernel debian:${version}`,
  };
}

/** That schedulers may fail to load on this kernel. */
export function gapsNotice(
  release: string,
  missingKfuncs: readonly string[] | undefined,
): Notice | undefined {
  if (missingKfuncs === undefined || missingKfuncs.length === 0) return undefined;
  return { type: 'notice', level: 'warning', message: `Linux ${release}: ${describeGaps(missingKfuncs)}.` };
}

const SHOWN = 3;

function describeGaps(missingKfuncs: readonly string[]): string {
  const shown = missingKfuncs.slice(0, SHOWN).map((name) => `${name}_impl`);
  const names = [...shown, ...(missingKfuncs.length > SHOWN ? ['…'] : [])].join(', ');
  const count = missingKfuncs.length === 1 ? '1 kfunc' : `${missingKfuncs.length} kfuncs`;
  return `its BTF lacks ${count} (${names}), schedulers that call ${missingKfuncs.length === 1 ? 'it' : 'them'} cannot load`;
}
