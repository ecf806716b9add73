import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KernelArtifact } from '../../core/kernel.ts';
import { bootModules, writeBootModules } from './boot-modules.ts';
import { craftElf } from './crafted-kernel.fixture.ts';
import { planBootModules, readModuleIndex } from './modules.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-modules-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), content);
}

const DEP = `kernel/fs/9p/9p.ko.zst: kernel/net/9p/9pnet.ko.zst kernel/fs/netfs/netfs.ko.zst
kernel/net/9p/9pnet.ko.zst:
kernel/fs/netfs/netfs.ko.zst:
kernel/net/9p/9pnet_virtio.ko.zst: kernel/net/9p/9pnet.ko.zst
kernel/drivers/block/virtio_blk.ko.xz:
kernel/drivers/char/hw_random/virtio-rng.ko:
`;

test('modules come in the order to load them, with what they need before them', () => {
  put('modules.dep', DEP);
  const config = new Map([
    ['CONFIG_9P_FS', 'm'],
    ['CONFIG_NET_9P_VIRTIO', 'm'],
    ['CONFIG_VIRTIO_BLK', 'm'],
    ['CONFIG_OVERLAY_FS', 'm'],
    ['CONFIG_EXT4_FS', 'y'],
  ]);
  expect(planBootModules(readModuleIndex(dir), config)).toEqual({
    names: ['virtio_blk', '9pnet', '9pnet_virtio', 'netfs', '9p'],
    missing: ['overlay'],
  });
});

test('without a configuration every module that a boot may need is taken, if it is there', () => {
  put('modules.dep', DEP);
  expect(planBootModules(readModuleIndex(dir), undefined)).toEqual({
    names: ['virtio_blk', '9pnet', '9pnet_virtio', 'netfs', '9p'],
    missing: [],
  });
  expect(planBootModules(undefined, new Map([['CONFIG_VIRTIO_BLK', 'm']])).missing).toEqual(['virtio_blk']);
});

test('a built tree has no modules.dep: its modules say themselves what they need', () => {
  put(
    'modules.order',
    'kernel/drivers/block/virtio_blk.ko\nfs/overlayfs/overlay.o\nfs/gone.o\nlib/some-lib.o\n',
  );
  put(
    'drivers/block/virtio_blk.ko',
    craftElf([{ name: '.modinfo', data: Buffer.from('license=GPL\0depends=some-lib,overlay\0') }], 62, 1),
  );
  put('fs/overlayfs/overlay.ko', craftElf([{ name: '.modinfo', data: Buffer.from('depends=\0') }], 62, 1));
  put('lib/some-lib.ko', craftElf([], 62, 1));
  expect(planBootModules(readModuleIndex(dir), undefined).names).toEqual([
    'some_lib',
    'overlay',
    'virtio_blk',
  ]);
});

test('modules that need each other do not hang the plan', () => {
  put('modules.dep', 'k/virtio_blk.ko: k/a.ko\nk/a.ko: k/virtio_blk.ko\n');
  expect(planBootModules(readModuleIndex(dir), undefined).names).toEqual(['a', 'virtio_blk']);
});

test('a directory that is none of modules has no index', () => {
  expect(readModuleIndex(dir)).toBeUndefined();
});

test('boot modules are numbered and uncompressed', async () => {
  put('modules.dep', 'a.ko.gz:\nb.ko.zst:\nc.ko:\nd.ko.xz:\n');
  put('a.ko.gz', gzipSync('A'));
  put('b.ko.zst', zstdCompressSync('B'));
  put('c.ko', 'C');
  put('d.ko.xz', 'xz of D');
  const index = readModuleIndex(dir);
  const decompress = async (format: string, data: Buffer) => Buffer.from(`${format}:${data.toString()}`);
  await writeBootModules(dir, { index, names: ['d', 'a', 'c', 'b'], decompress });
  const modules = await bootModules({ bootImage: join(dir, 'vmlinux') } as KernelArtifact);
  expect(modules.map(({ name, path }) => [name, readFileSync(path, 'utf8')])).toEqual([
    ['d', 'xz:xz of D'],
    ['a', 'A'],
    ['c', 'C'],
    ['b', 'B'],
  ]);
});

test('a damaged module names its file', async () => {
  put('modules.dep', 'a.ko.gz:\n');
  put('a.ko.gz', 'junk');
  const writing = writeBootModules(dir, {
    index: readModuleIndex(dir),
    names: ['a'],
    decompress: async () => Buffer.alloc(0),
  });
  await expect(writing).rejects.toThrow(/a\.ko\.gz is damaged/);
});
