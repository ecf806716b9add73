import { Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/units.ts';

const MIB = 2 ** 20;

/** Bytes. */
export const DEFAULT_MEMORY = 2 ** 30;

/** The least that Debian's kernels were seen to boot and schedule with: what each vCPU takes shows with many of them. */
function leastMemory(cpus: number): number {
  return Math.max(128, 64 + 2 * cpus) * MIB;
}

/** In whole MiB, as QEMU wants it. Throws `Failure` usage/bad-memory for too little. */
export function guestMemory(bytes: number, cpus: number): number {
  const least = leastMemory(cpus);
  if (bytes >= least) return Math.ceil(bytes / MIB) * MIB;
  throw new Failure({
    kind: 'usage',
    code: 'bad-memory',
    message: `${formatBytes(bytes)} of memory is too little: a guest with ${cpus} vCPUs needs at least ${formatBytes(least)}.`,
    hint: 'Try --memory 1G.',
  });
}
