import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type CpioEntry, cpioArchive } from './cpio.ts';

const file = (path: string, text: string): CpioEntry => ({ type: 'file', path, data: Buffer.from(text) });

describe('cpioArchive', () => {
  it('writes a member as the format demands: header, padded name, padded data', () => {
    const archive = cpioArchive([{ ...file('init', 'hello'), mode: 0o755 } as CpioEntry]);
    const header = archive.subarray(0, 110).toString();
    expect(header).toMatch(/^070701[0-9a-f]{104}$/);
    expect(header.slice(14, 22)).toBe('000081ed');
    expect(header.slice(54, 62)).toBe('00000005');
    expect(archive.subarray(110, 115).toString()).toBe('init\0');
    expect(archive.length % 4).toBe(0);
    expect(archive.subarray(116, 121).toString()).toBe('hello');
  });

  it('adds the directories that a path needs, once and before it', () => {
    const text = cpioArchive([file('a/b/one', '1'), file('a/b/two', '2')]).toString('latin1');
    const names = [...text.matchAll(/070701[0-9a-f]{104}([^\0]+)\0/g)].map((match) => match[1]);
    expect(names).toEqual(['a', 'a/b', 'a/b/one', 'a/b/two', 'TRAILER!!!']);
  });

  it('gives the same bytes for the same entries', () => {
    expect(cpioArchive([file('x', 'y')])).toEqual(cpioArchive([file('x', 'y')]));
  });

  it('is read back by another implementation', () => {
    const script = `
import sys
data = sys.stdin.buffer.read()
at = 0
while True:
    field = lambda n: int(data[at + 6 + 8 * n : at + 14 + 8 * n], 16)
    name_size, size, mode = field(11), field(6), field(1)
    name = data[at + 110 : at + 109 + name_size].decode()
    if name == "TRAILER!!!": break
    start = (at + 110 + name_size + 3) & ~3
    print(name, oct(mode), data[start : start + size])
    at = (start + size + 3) & ~3
`;
    const entries: CpioEntry[] = [
      file('a/file', 'data'),
      { type: 'symlink', path: 'link', target: 'a/file' },
      { type: 'character-device', path: 'dev/console', major: 5, minor: 1, mode: 0o600 },
    ];
    const read = spawnSync('python3', ['-c', script], { input: cpioArchive(entries), encoding: 'utf8' });
    expect(read.stdout.trim().split('\n')).toEqual([
      "a 0o40755 b''",
      "a/file 0o100644 b'data'",
      "link 0o120777 b'a/file'",
      "dev 0o40755 b''",
      "dev/console 0o20600 b''",
    ]);
  });
});
