import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Header } from 'tar';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packDirectory } from './build-context.ts';
import { unpackArchive } from './unpack-archive.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-unpack-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Entry {
  readonly path: string;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO';
  readonly linkpath?: string;
  readonly mode?: number;
  readonly content?: string;
}

/** What a daemon sends of a directory `out`. */
function archive(...entries: readonly Entry[]): Readable {
  const top: Entry = { path: 'out/', type: 'Directory', mode: 0o755 };
  const blocks = [top, ...entries].flatMap(({ content = '', type = 'File', mode = 0o644, ...entry }) => {
    const block = Buffer.alloc(512);
    new Header({ ...entry, type, mode, size: content.length, mtime: new Date(0) }).encode(block);
    return [block, Buffer.from(content.padEnd(Math.ceil(content.length / 512) * 512, '\0'))];
  });
  return Readable.from([Buffer.concat([...blocks, Buffer.alloc(1024)])]);
}

test('files, directories and links within come out, without the directory they were in', async () => {
  await unpackArchive(
    archive(
      { path: 'out/a/', type: 'Directory' },
      { path: 'out/a/file', content: 'hello', mode: 0o4755 },
      { path: 'out/a/link', type: 'SymbolicLink', linkpath: '../a/file' },
      { path: 'out/hard', type: 'Link', linkpath: 'out/a/file' },
    ),
    dir,
  );
  for (const name of ['a/file', 'a/link', 'hard'])
    expect(readFileSync(join(dir, name), 'utf8')).toBe('hello');
  expect(statSync(join(dir, 'a/file')).mode & 0o7777).toBe(0o755);
});

test.each<Entry>([
  { path: '../evil', content: 'x' },
  { path: 'out/../../evil', content: 'x' },
  { path: '/evil', content: 'x' },
  { path: 'out/l', type: 'SymbolicLink', linkpath: '/etc' },
  { path: 'out/l', type: 'SymbolicLink', linkpath: '../../etc' },
  { path: 'out/l', type: 'Link', linkpath: '/etc/passwd' },
  { path: 'out/l', type: 'Link', linkpath: 'out/../../passwd' },
  { path: 'out/dev', type: 'CharacterDevice' },
  { path: 'out/fifo', type: 'FIFO' },
])('$path, a $type to $linkpath, is refused by name', async (entry) => {
  const unpacking = unpackArchive(archive(entry, { path: 'out/after', content: 'x' }), dir);
  await expect(unpacking).rejects.toMatchObject({ kind: 'build', code: 'unsafe-output' });
  await expect(unpacking).rejects.toThrow(entry.path);
  expect(existsSync(join(dir, 'after'))).toBe(false);
  expect(existsSync(join(dir, '../evil'))).toBe(false);
});

test('what is packed can be unpacked', async () => {
  const from = mkdtempSync(join(tmpdir(), 'devbox-pack-'));
  try {
    writeFileSync(join(from, 'secret'), 'x', { mode: 0o700 });
    await unpackArchive((await packDirectory(from, { readable: true })) as Readable, dir);
    expect(statSync(join(dir, 'secret')).mode & 0o777).toBe(0o755);
  } finally {
    rmSync(from, { recursive: true });
  }
});
