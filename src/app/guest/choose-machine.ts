import { Failure } from '../../core/failure.ts';
import { findProgram } from '../../platform/find-program.ts';
import { probeKvm } from '../../platform/kvm-probe.ts';
import type { Accel } from '../../vm/spec.ts';
import type { GuestRequest } from '../request.ts';
import type { SessionContext } from '../use-case.ts';
import { chooseAccel } from './accel.ts';
import { checkMemory } from './host-limits.ts';

/** What a guest runs on. */
export interface Machine {
  readonly qemu: string;
  readonly accel: Accel;
}

/**
 * Looks whether this host can run the guest that is asked for: before anything is made for it, which may take minutes.
 * Throws `Failure` usage/memory-over-host, host/qemu-missing or host/kvm-unusable.
 */
export async function chooseMachine(
  request: GuestRequest,
  { bus, signal }: SessionContext,
): Promise<Machine> {
  checkMemory(request.memoryBytes);
  const qemu = findProgram('qemu-system-x86_64');
  if (qemu === undefined) throw qemuMissing();
  const probe = request.accel === 'tcg' ? undefined : await probeKvm({ signal });
  return { qemu, accel: chooseAccel(request.accel, probe, bus.emit) };
}

function qemuMissing(): Failure {
  return new Failure({
    kind: 'host',
    code: 'qemu-missing',
    message: 'QEMU is not installed: there is no qemu-system-x86_64 on PATH.',
    hint: 'Run `devbox setup`.',
  });
}
