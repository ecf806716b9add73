import { expect, test } from 'vitest';
import { nearestSymbol } from './nearest-symbol.ts';

const SYMBOLS = [
  'SMP',
  'SCHED_SMT',
  'SCHED_CLASS_EXT',
  'EXT4_FS',
  'VIRTIO_FS',
  'VIRTIO',
  'DEBUG_INFO_BTF',
  'DEBUG_INFO',
];

test.each([
  ['SCHED_CLASS_EXR', 'SCHED_CLASS_EXT'],
  ['CONFIG_SCHED_CLAS_EXT', 'SCHED_CLASS_EXT'],
  ['SCHED_CALSS_EXT', 'SCHED_CLASS_EXT'],
  ['SCHED_EXT', 'SCHED_CLASS_EXT'],
  ['VIRTIOFS', 'VIRTIO_FS'],
  ['virtio_fs', 'VIRTIO_FS'],
  ['BTF', 'DEBUG_INFO_BTF'],
  ['EXT4', 'EXT4_FS'],
  ['DEBUG_INVO_BTG', 'DEBUG_INFO_BTF'],
  ['QQQQQQQQ', undefined],
])('%s is %s', (word, meant) => {
  expect(nearestSymbol(word, SYMBOLS)).toBe(meant);
});
