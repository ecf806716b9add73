import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { estimateObjects } from './count-objects.ts';

function tree(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'devbox-kbuild-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

it('counts what the directories that a configuration enters have compiled, built in and as modules', () => {
  const dir = tree({
    Kbuild: 'obj-y += init/\nobj-$(CONFIG_BLOCK) += block/\nobj-$(CONFIG_SOUND) += sound/\n',
    'init/Makefile': 'obj-y := main.o version.o\nobj-$(CONFIG_INITRD) += initramfs.o\n',
    'block/Makefile': 'obj-m += null.o\nobj-y += bio.o \\\n\televator.o # the last\n',
    'sound/Makefile': 'obj-y += core.o\n',
  });
  expect(estimateObjects(dir, 'CONFIG_BLOCK=y\n# CONFIG_SOUND is not set\n')).toBe(5);
});

it('counts the parts of an object that is linked of several, also by way of a variable', () => {
  const dir = tree({
    Kbuild: 'obj-y += fs/ mm/\n',
    'fs/Makefile': 'obj-$(CONFIG_EXT4) += ext4.o\next4-y := inode.o super.o\next4-$(CONFIG_ACL) += acl.o\n',
    'mm/Makefile': 'mmu-y := nommu.o\nmmu-$(CONFIG_MMU) := memory.o mmap.o\nobj-y := $(mmu-y) slub.o\n',
  });
  expect(estimateObjects(dir, 'CONFIG_EXT4=m\nCONFIG_ACL=y\nCONFIG_MMU=y\n')).toBe(6);
});

it('holds conditions on the configuration to it', () => {
  const dir = tree({
    Kbuild: 'obj-y += arch/$(SRCARCH)/\n',
    'arch/x86/Kbuild': [
      'ifeq ($(CONFIG_X86_32),y)',
      '\tobj-y += old.o older.o',
      'else',
      '\tobj-y += head_$(BITS).o',
      'endif',
      'ifdef CONFIG_SMP',
      'obj-y += smp.o',
      'endif',
      'ifneq ($(shell uname),Linux)',
      'obj-y += unknown.o',
      'endif',
    ].join('\n'),
  });
  expect(estimateObjects(dir, 'CONFIG_64BIT=y\n')).toBe(2);
  expect(estimateObjects(dir, 'CONFIG_X86_32=y\nCONFIG_SMP=y\n')).toBe(4);
});

it('counts what boots the kernel, and directories that only makefiles from the top name', () => {
  const dir = tree({
    Makefile: 'ifeq ($(odd),1)\nelse\nlibs-y := lib/\nendif\n',
    'lib/Makefile': 'lib-y := string.o\nobj-y += sort.o\n',
    'arch/x86/boot/Makefile': 'setup-y += header.o main.o\n',
    'arch/x86/boot/compressed/Makefile': 'vmlinux-objs-y := $(obj)/vmlinux.lds $(obj)/misc.o\n',
  });
  expect(estimateObjects(dir, '')).toBe(5);
});

it('does not guess at a tree that it cannot read', () => {
  expect(estimateObjects(tree({ Makefile: 'all: kernel\n' }), 'CONFIG_64BIT=y\n')).toBe(undefined);
});
