import { describe, expect, it } from 'vitest';
import { findAgent } from './catalog.ts';
import { externalAgent } from './external-agent.ts';
import { missingFeatures } from './missing-features.ts';

describe('missingFeatures', () => {
  const fifo = findAgent('fifo');

  it('finds nothing missing on a kernel with sched_ext and BTF', () => {
    expect(missingFeatures(fifo, { schedExtState: 'disabled', btf: true })).toEqual([]);
  });

  it('names the kernel options, in the order to switch them on', () => {
    expect(missingFeatures(fifo, { schedExtState: undefined, btf: false })).toEqual([
      { feature: 'sched-ext', options: ['CONFIG_SCHED_CLASS_EXT'] },
      { feature: 'btf', options: ['CONFIG_DEBUG_INFO_BTF'] },
    ]);
  });

  it('does not ask for BTF on behalf of a program that may not need it', () => {
    expect(missingFeatures(externalAgent('/work/scx'), { schedExtState: 'disabled', btf: false })).toEqual(
      [],
    );
  });

  it('finds file systems by their whole name', () => {
    const needs9p = { ...fifo, requires: ['9p', 'overlay'] as const };
    const filesystems = 'nodev\tsysfs\nnodev\toverlay\nnodev\t9px\n';
    expect(missingFeatures(needs9p, { btf: true, filesystems }).map(({ feature }) => feature)).toEqual([
      '9p',
    ]);
  });
});
