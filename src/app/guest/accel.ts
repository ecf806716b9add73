import type { Emit } from '../../core/event.ts';
import { Failure } from '../../core/failure.ts';
import type { KvmProbe } from '../../platform/kvm-probe.ts';
import type { Accel } from '../../vm/spec.ts';

/**
 * `auto` takes KVM where a guest really boots with it, else TCG, and says so: emulation is slow and a user must know.
 * Asking for KVM where it does not work is `Failure` host/kvm-unusable.
 */
export function chooseAccel(wanted: 'auto' | Accel, probe: KvmProbe | undefined, emit: Emit): Accel {
  if (wanted === 'tcg') return 'tcg';
  if (probe?.usable === true) return 'kvm';
  const why = probe?.detail ?? 'it was not tried';
  if (wanted === 'kvm') {
    throw new Failure({
      kind: 'host',
      code: 'kvm-unusable',
      message: `KVM cannot be used here: ${why}`,
      hint: probe?.fix ?? 'Use --accel tcg, which is slower and works everywhere.',
    });
  }
  emit({
    type: 'notice',
    level: 'warning',
    message: `KVM cannot be used here (${why}): the guest is EMULATED (TCG), 5 to 20 times slower. Timeouts are 5 times longer; do not trust absolute timings.`,
    ...(probe?.fix === undefined ? {} : { hint: probe.fix }),
  });
  return 'tcg';
}
