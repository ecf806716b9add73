import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { craftBtf, craftBzImage, craftElf, craftVmlinux, RELEASE } from './crafted-kernel.fixture.ts';
import { inspectKernel, kernelArtifact } from './kernel-entry.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-kernel-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function inspect(vmlinux: Buffer, bzImage?: Buffer) {
  writeFileSync(join(dir, 'vmlinux'), vmlinux);
  if (bzImage) writeFileSync(join(dir, 'bzImage'), bzImage);
  const { meta } = inspectKernel(dir, { name: './vmlinux' });
  return kernelArtifact('mine', { kind: 'kernel', key: 'k', dir, bytes: 1, meta });
}

const CONFIG = 'CONFIG_SCHED_CLASS_EXT=y\nCONFIG_OVERLAY_FS=m\n# CONFIG_9P_FS is not set\nCONFIG_X="a=b"\n';

test('release, configuration, features and the way to boot are read from the vmlinux itself', () => {
  const kernel = inspect(craftVmlinux({ config: CONFIG, structs: ['task_struct'] }));
  expect(kernel).toMatchObject({
    name: 'mine',
    release: RELEASE,
    bootProtocol: 'pvh',
    bootImage: join(dir, 'vmlinux'),
  });
  expect(kernel.config?.get('CONFIG_X')).toBe('"a=b"');
  expect(kernel.config?.has('CONFIG_9P_FS')).toBe(false);
  expect(kernel.features).toEqual(new Set(['sched-ext', 'btf', 'overlay']));
  expect(kernel.unknownFeatures).toEqual(new Set());
  expect(readFileSync(kernel.btf ?? '')).toEqual(craftBtf(['task_struct']));
});

test('without a configuration BTF tells what it can, and the rest stays unknown', () => {
  const kernel = inspect(craftVmlinux({ structs: ['sched_ext_ops', 'virtio_fs'] }));
  expect(kernel.config).toBeUndefined();
  expect(kernel.features).toEqual(new Set(['sched-ext', 'btf', 'virtiofs']));
  expect(kernel.unknownFeatures).toEqual(new Set(['9p', 'overlay']));
});

test('with neither, only the missing BTF is known', () => {
  const kernel = inspect(craftVmlinux());
  expect(kernel.features).toEqual(new Set());
  expect(kernel.unknownFeatures).toEqual(new Set(['sched-ext', '9p', 'virtiofs', 'overlay', 'ghost']));
  expect(existsSync(join(dir, 'btf'))).toBe(false);
});

test('a vmlinux without a PVH entry boots as its bzImage, or not at all', () => {
  const plain = craftVmlinux({ pvh: false });
  expect(() => inspect(plain)).toThrow(/CONFIG_PVH|PVH entry/);
  expect(inspect(plain, craftBzImage(plain))).toMatchObject({
    bootProtocol: 'bzimage',
    bootImage: join(dir, 'bzImage'),
  });
});

test.each([
  ['a program', craftElf([{ name: '.text', data: Buffer.from('hello') }]), 'not-a-kernel'],
  ['an object', craftElf([{ name: '.text', data: Buffer.from('hello') }], 62, 1), 'not-a-kernel'],
  ['for arm64', craftElf([], 183), 'kernel-wrong-architecture'],
])('an ELF file that is %s is refused', (_what, elf, code) => {
  expect(() => inspect(elf)).toThrow(expect.objectContaining({ kind: 'usage', code }));
});

test('a broken configuration between its marks is no configuration', () => {
  const vmlinux = craftVmlinux({ config: CONFIG });
  const at = vmlinux.indexOf('IKCFG_ST');
  vmlinux.fill(0xff, at + 12, at + 40);
  expect(inspect(vmlinux).config).toBeUndefined();
});

test('whatever is changed in a vmlinux, the worst is a Failure', () => {
  const whole = craftVmlinux({ config: CONFIG, structs: ['sched_ext_ops', 'task_struct'] });
  const value = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(whole.length - 1), value), { minLength: 1, maxLength: 8 }),
      fc.option(fc.nat(whole.length), { nil: undefined }),
      (changes, cut) => {
        const mutated = Buffer.from(whole.subarray(0, cut));
        for (const [at, byte] of changes) if (at < mutated.length) mutated[at] = byte;
        try {
          inspect(mutated);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
