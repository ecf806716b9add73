import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchFiles } from './watch-files.ts';

let dir: string;
let watching: Disposable | undefined;
const saved: string[] = [];
let told = Promise.withResolvers<void>();

function start(...files: string[]): void {
  watching = watchFiles({
    files: () => files.map((name) => join(dir, name)),
    onSave: (file) => {
      saved.push(file.slice(dir.length + 1));
      told.resolve();
    },
  });
}

async function next(): Promise<string[]> {
  await told.promise;
  told = Promise.withResolvers();
  return saved.splice(0);
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-watch-'));
  told = Promise.withResolvers();
  saved.length = 0;
});
afterEach(() => {
  watching?.[Symbol.dispose]();
  rmSync(dir, { recursive: true, force: true });
});

const write = (name: string, text: string) => writeFileSync(join(dir, name), text);

describe('watchFiles', () => {
  it('tells once of a save that takes several writes', async () => {
    write('a.ts', 'one');
    start('a.ts');
    for (const text of ['', 't', 'tw', 'two']) write('a.ts', text);
    expect(await next()).toEqual(['a.ts']);
  });

  it('tells of a file that is put in the place of the old one, and of one that was away for a moment', async () => {
    write('a.ts', 'one');
    start('a.ts');
    write('a.ts.swp', 'two');
    renameSync(join(dir, 'a.ts.swp'), join(dir, 'a.ts'));
    expect(await next()).toEqual(['a.ts']);
    rmSync(join(dir, 'a.ts'));
    write('a.ts', 'three');
    expect(await next()).toEqual(['a.ts']);
  });

  it('tells of a file that was missing', async () => {
    start('a.ts');
    write('a.ts', 'one');
    expect(await next()).toEqual(['a.ts']);
  });

  it('does not tell of other files, nor of a save that changes nothing', async () => {
    mkdirSync(join(dir, 'sub'));
    write('a.ts', 'one');
    write('sub/b.ts', 'one');
    start('a.ts', 'sub/b.ts');
    write('other.ts', 'one');
    write('a.ts', 'one');
    utimesSync(join(dir, 'a.ts'), 1, 1);
    write('sub/b.ts', 'two');
    expect(await next()).toEqual(['sub/b.ts']);
  });

  it('is refused for a directory that does not exist', () => {
    expect(() => start('nowhere/a.ts')).toThrow(
      expect.objectContaining({ kind: 'host', code: 'cannot-watch' }),
    );
  });
});
