import { findProgram } from '../../platform/find-program.ts';
import { probeKvm } from '../../platform/kvm-probe.ts';
import { isNewEnough, OLDEST_QEMU, qemuVersion } from '../../platform/qemu-version.ts';
import { type Check, type CheckContext, missing, ok, warning } from './check.ts';

export async function checkQemu({ signal, installCommand }: CheckContext): Promise<Check> {
  const install = installCommand(['qemu']);
  const qemu = findProgram('qemu-system-x86_64');
  if (qemu === undefined) return missing('qemu', 'QEMU', 'qemu-system-x86_64 is not on PATH', install);
  const version = await qemuVersion(qemu, signal);
  if (!version) return missing('qemu', 'QEMU', `${qemu} does not tell its version`, install);
  if (isNewEnough(version)) return ok('qemu', 'QEMU', `${version.text} (${qemu})`);
  return missing(
    'qemu',
    'QEMU',
    `${version.text} is too old: devbox needs ${OLDEST_QEMU.major}.${OLDEST_QEMU.minor} or newer`,
    install,
  );
}

/** Without KVM guests are emulated: slower, but they run. */
export async function checkKvm({ signal }: CheckContext): Promise<Check> {
  const { usable, detail, fix } = await probeKvm({ signal });
  if (usable) return ok('kvm', 'KVM', detail, false);
  return warning(
    'kvm',
    'KVM',
    `not usable: ${detail}. Guests are emulated (TCG), 5 to 20 times slower`,
    fix ?? 'Use real hardware, or a VM with nested virtualization, if you need the speed',
  );
}
