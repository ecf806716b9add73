import { readFileSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { keyOf } from '../../platform/store-key.ts';
import { qemuArgs } from '../../vm/qemu-args.ts';
import type { VmSpec } from '../../vm/spec.ts';
import type { MachineOptions } from './machine-spec.ts';

/** Counts up when what is frozen, or how, changes otherwise than by what is in the key. */
const RECIPE = 2;

/**
 * Identifies a template by everything that it depends on: all that QEMU is told (the paths of kernel, initramfs and root
 * image carry their keys), QEMU itself, and the processor, whose clock the guest has measured.
 */
export function templateKey(
  spec: Omit<VmSpec, 'sockets'>,
  { holdsAgent }: Pick<MachineOptions, 'holdsAgent'>,
): string {
  const { size, mtimeMs } = statSync(spec.qemu);
  const sockets = { qmp: 'qmp', console: 'console', guest: 'guest', bulk: 'bulk' };
  return keyOf({
    ...{ recipe: RECIPE, holdsAgent },
    qemu: [spec.qemu, size, mtimeMs],
    host: [machineId(), cpus()[0]?.model ?? ''],
    args: qemuArgs({ ...spec, name: 'devbox', shares: [], ramFile: 'ram', sockets }),
  });
}

function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return ''; // Containers often have none.
  }
}
