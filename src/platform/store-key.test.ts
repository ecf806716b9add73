import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { hashFile } from './store-key.ts';

function fileOf(bytes: number): string {
  const dir = mkdtempSync(join(tmpdir(), 'devbox-hash-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'file');
  writeFileSync(file, '');
  truncateSync(file, bytes);
  return file;
}

it('digests a file of any size with one small buffer', async () => {
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }, 1);
  const digest = await hashFile(fileOf(2 ** 28));
  clearInterval(watch);
  expect(most).toBeLessThan(2 ** 23);
  // Of 256 MiB of zeros, as sha256sum has it.
  expect(digest).toBe('a6d72ac7690f53be6ae46ba88506bd97302a093f7108472bd9efc3cefda06484');
});

it('ends when it is cancelled', async () => {
  const cancelled = AbortSignal.abort();
  await expect(hashFile(fileOf(2 ** 26), cancelled)).rejects.toThrow(/Cancelled/);
});
