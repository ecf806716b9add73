import type { SmpTopology } from '../core/smp.ts';

export type Accel = 'kvm' | 'tcg';

/** A host directory as the guest's kernel will find it, before it is mounted. */
export type ShareDevice =
  | { readonly kind: 'virtiofs'; readonly tag: string; readonly socket: string }
  | { readonly kind: '9p'; readonly tag: string; readonly path: string; readonly readOnly: boolean };

/** Everything QEMU is told. A value: two equal specs give two equal machines. */
export interface VmSpec {
  /** Shows up in `ps`, so that a person can tell whose QEMU it is. */
  readonly name: string;
  readonly qemu: string;
  readonly accel: Accel;
  readonly smp: SmpTopology;
  readonly memoryBytes: number;
  /** An uncompressed vmlinux with a PVH note, or a bzImage. */
  readonly kernelImage: string;
  /** The rate of the kernel's timer, CONFIG_HZ, when it is known. */
  readonly timerHz?: number;
  readonly initramfs: string;
  /** ext4 or erofs image, attached read-only. */
  readonly rootImage: string;
  /** Added to the kernel's command line after ours, so that the user's word is the last. */
  readonly append: readonly string[];
  /** Plugged in from the start, unless there are `sharePorts` for them. */
  readonly shares: readonly ShareDevice[];
  /** Empty PCIe ports, into which shares are plugged while the machine runs. */
  readonly sharePorts?: number;
  /** A file of the size of the guest's memory, which becomes it. Undefined: anonymous memory. */
  readonly ramFile?: string;
  /** Starts with the state of another machine, which it is still to be given, instead of from nothing. */
  readonly incoming?: boolean;
  /**
   * Unix sockets that QEMU connects to; we listen before it starts, so there is nothing to wait for or to race. `console`
   * is a pair of named pipes, `console`.in and `console`.out, and `bulk` the file of the disk for output in bulk.
   */
  readonly sockets: {
    readonly qmp: string;
    readonly console: string;
    readonly guest: string;
    readonly bulk: string;
  };
}

/** Emulation is 5 to 20 times slower than hardware; anything that waits for a guest waits this much longer. */
export const TCG_TIMEOUT_SCALE = 5;

export function scaleTimeout(ms: number, accel: Accel): number {
  return accel === 'tcg' ? ms * TCG_TIMEOUT_SCALE : ms;
}
