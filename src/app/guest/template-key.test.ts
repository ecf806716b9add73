import { expect, it } from 'vitest';
import type { VmSpec } from '../../vm/spec.ts';
import { templateKey } from './template-key.ts';

const SPEC: Omit<VmSpec, 'sockets'> = {
  ...{ name: 'devbox-run1', qemu: process.execPath, accel: 'tcg', append: [], shares: [], sharePorts: 1 },
  smp: { cpus: 2, sockets: 1, cores: 2, threads: 1 },
  memoryBytes: 2 ** 30,
  ...{ kernelImage: '/k/vmlinux', initramfs: '/i', rootImage: '/r.ext4', timerHz: 250 },
};

const keyOf = (change: Partial<VmSpec>, holdsAgent = false) =>
  templateKey({ ...SPEC, ...change }, { holdsAgent });

it('is another with an agent waiting in it', () => {
  expect(keyOf({}, true)).not.toBe(keyOf({}));
});

it.each<[string, Partial<VmSpec>]>([
  ['another kernel', { kernelImage: '/k2/vmlinux' }],
  ['another initramfs', { initramfs: '/i2' }],
  ['another root image', { rootImage: '/r2.ext4' }],
  ['another topology', { smp: { cpus: 2, sockets: 2, cores: 1, threads: 1 } }],
  ['more memory', { memoryBytes: 2 ** 31 }],
  ['another accelerator', { accel: 'kvm' }],
  ['another word for the kernel', { append: ['quiet'] }],
  ['more ports', { sharePorts: 2 }],
  ['another QEMU', { qemu: '/bin/sh' }],
])('is another with %s', (_, change) => {
  expect(keyOf(change)).not.toBe(keyOf({}));
});

it.each<[string, Partial<VmSpec>]>([
  ['its name', { name: 'devbox-run2' }],
  ['what it shares', { shares: [{ kind: '9p', tag: 'share0', path: '/x', readOnly: false }] }],
  ['where its memory lies', { ramFile: '/dev/shm/x' }],
])('does not depend on a run: %s', (_, change) => {
  expect(keyOf(change)).toBe(keyOf({}));
});
