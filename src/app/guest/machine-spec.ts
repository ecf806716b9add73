import type { Lease } from '../../platform/lease.ts';
import { scaleTimeout, type VmSpec } from '../../vm/spec.ts';
import type { GuestRequest } from '../request.ts';
import type { SessionContext } from '../use-case.ts';
import type { Machine } from './choose-machine.ts';
import type { GuestParts } from './prepare-guest.ts';
import type { PlannedShare } from './share-plan.ts';

const BOOT_MS = 20_000;

/** All that a machine is started from. */
export interface MachineOptions {
  readonly request: GuestRequest;
  readonly parts: GuestParts;
  readonly context: SessionContext;
  readonly machine: Machine;
  readonly lease: Lease;
  readonly shares: readonly PlannedShare[];
  /** Whether the agents' program waits in it for the run to begin. */
  readonly holdsAgent: boolean;
}

export function machineSpec(options: MachineOptions): Omit<VmSpec, 'sockets'> {
  const { request, parts, machine, shares, context } = options;
  const timerHz = Number(parts.kernel.config?.get('CONFIG_HZ'));
  return {
    ...{ name: `devbox-${context.runId}`, ...machine, smp: request.smp, memoryBytes: request.memoryBytes },
    ...{ kernelImage: parts.kernel.bootImage, initramfs: parts.initramfs, rootImage: parts.rootImage },
    ...(timerHz > 0 ? { timerHz } : {}),
    append: [...(parts.kernel.append ?? []), ...request.append],
    shares: shares.map(({ device }) => device),
  };
}

/** What is to be frozen: shares are plugged in later. At least one port, so that most runs have the same machine. */
export function templateSpec(options: MachineOptions): Omit<VmSpec, 'sockets'> {
  return { ...machineSpec(options), sharePorts: Math.max(1, options.shares.length) };
}

/** How long a guest may take to say hello, milliseconds. */
export function bootTimeout({ request, machine }: MachineOptions): number {
  return Math.min(scaleTimeout(BOOT_MS, machine.accel), request.timeoutMs ?? Number.POSITIVE_INFINITY);
}
