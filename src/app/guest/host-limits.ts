import { readFileSync } from 'node:fs';
import { Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/units.ts';

/** What QEMU itself needs besides the guest's memory. */
const QEMU_OVERHEAD = 128 * 2 ** 20;

/** Memory that can be given away without swapping, in bytes; undefined where the kernel does not say. */
function availableMemory(): number | undefined {
  try {
    const match = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'));
    return match ? Number(match[1]) * 1024 : undefined;
  } catch {
    return undefined;
  }
}

/** Throws `Failure` usage/memory-over-host when the guest would not fit beside what runs already. */
export function checkMemory(memoryBytes: number, available: number | undefined = availableMemory()): void {
  if (available === undefined || memoryBytes + QEMU_OVERHEAD <= available) return;
  throw new Failure({
    kind: 'usage',
    code: 'memory-over-host',
    message: `--memory ${formatBytes(memoryBytes)} is more than this machine can spare: ${formatBytes(available)} are available, and QEMU itself needs about ${formatBytes(QEMU_OVERHEAD)}.`,
    hint: 'Give the guest less, or end something else first.',
  });
}
