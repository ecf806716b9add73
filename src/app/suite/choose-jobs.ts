import { availableParallelism, freemem } from 'node:os';
import type { Accel } from '../../vm/spec.ts';

/** What QEMU takes beside the guest's memory, bytes. */
const QEMU_BYTES = 256 * 2 ** 20;

export interface Budget {
  readonly tests: number;
  /** vCPUs of the largest guest. */
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly accel: Accel;
}

/**
 * How many guests run side by side within the host's CPUs and free memory. An emulated guest takes one CPU, however many
 * vCPUs it has; one under KVM takes as many as it has.
 */
export function chooseJobs(wanted: number | 'auto', budget: Budget, host = hostBudget()): number {
  const byTests = Math.max(1, budget.tests);
  if (wanted !== 'auto') return Math.min(wanted, byTests);
  const perGuest = budget.accel === 'tcg' ? 1 : budget.vcpus;
  const byCpus = Math.floor(host.cpus / perGuest);
  const byMemory = Math.floor(host.freeBytes / (budget.memoryBytes + QEMU_BYTES));
  return Math.max(1, Math.min(byCpus, byMemory, byTests));
}

function hostBudget() {
  return { cpus: availableParallelism(), freeBytes: freemem() };
}
