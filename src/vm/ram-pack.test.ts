import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packRam, unpackRam } from './ram-pack.ts';

const PAGE = 4096;
const MIB = 2 ** 20;
const { signal } = new AbortController();

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ram-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A memory of 16 MiB, mostly hole, with `pages` that are not. */
async function memory(pages: readonly number[]): Promise<Buffer> {
  const bytes = Buffer.alloc(16 * MIB);
  for (const page of pages) bytes.fill(1 + (page % 255), page * PAGE, (page + 1) * PAGE);
  await using file = await open(join(dir, 'ram'), 'w');
  await file.truncate(bytes.length);
  for (const page of pages) await file.write(bytes, page * PAGE, PAGE, page * PAGE);
  return bytes;
}

async function pack() {
  await using ram = await open(join(dir, 'ram'));
  return await packRam(ram, join(dir, 'packed'), signal);
}

async function unpack(extents: Awaited<ReturnType<typeof pack>>, stop = signal): Promise<Buffer> {
  await using packed = await open(join(dir, 'packed'));
  await using to = await open(join(dir, 'unpacked'), 'w');
  await to.truncate(16 * MIB);
  await unpackRam(packed, extents, { to, signal: stop });
  return readFileSync(join(dir, 'unpacked'));
}

it('gives back what was packed, and takes no more room than is used', async () => {
  // The first page, two in a row, one across a piece of 4 MiB, the last.
  const bytes = await memory([0, 100, 101, 1023, 1024, 4095]);
  const extents = await pack();
  expect(statSync(join(dir, 'packed')).size).toBe(6 * PAGE);
  expect((await unpack(extents)).equals(bytes)).toBe(true);
  expect(statSync(join(dir, 'unpacked')).blocks * 512).toBeLessThan(MIB);
});

it('takes small gaps with it, so that a list of extents stays short', async () => {
  const bytes = await memory([10, 12, 14]);
  const extents = await pack();
  expect(extents).toEqual([[10 * PAGE, 5 * PAGE]]);
  expect((await unpack(extents)).equals(bytes)).toBe(true);
});

it('packs a memory without anything in it', async () => {
  await memory([]);
  expect(await pack()).toEqual([]);
});

it('says so when a packed memory was cut short', async () => {
  await memory([1, 2000]);
  const extents = await pack();
  writeFileSync(join(dir, 'packed'), Buffer.alloc(PAGE));
  await expect(unpack(extents)).rejects.toThrow(/shorter/);
});

it('stops when it is told to', async () => {
  await memory([1]);
  const extents = await pack();
  await expect(unpack(extents, AbortSignal.abort())).rejects.toMatchObject({ kind: 'cancelled' });
});
