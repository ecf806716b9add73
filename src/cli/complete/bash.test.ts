import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BASH_SCRIPT } from './bash.ts';

const MAIN = resolve(import.meta.dirname, '../main.ts');
const dir = mkdtempSync(join(tmpdir(), 'devbox-bash-'));
afterAll(() => rmSync(dir, { recursive: true }));
const program = join(dir, 'devbox');
writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
chmodSync(program, 0o755);

/** What a real bash would offer for words as it divides them, and what it is told to add by itself. */
function complete(...words: string[]): string[] {
  const script = `${BASH_SCRIPT}
    compopt() { printf 'compopt %s\\n' "$*"; }
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _devbox
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const printed = execFileSync('bash', ['--norc', '-c', script, 'bash', program, ...words], {
    encoding: 'utf8',
  });
  return printed.split('\n').filter((line) => line !== '');
}

describe('completion in bash', () => {
  it('offers commands that begin so', () => {
    expect(complete('r')).toEqual(['run', 'runs']);
  });

  it('puts together again what bash divides at equals signs', () => {
    expect(complete('run', '--accel', '=', 'k')).toEqual(['kvm']);
    expect(complete('run', '--accel', '=')).toEqual(['auto', 'kvm', 'tcg']);
  });

  it('offers the names that this devbox knows', () => {
    expect(complete('agent', 'show', '')).toContain('fifo');
    expect(complete('run', '--workload', 'pingp')).toEqual(['pingpong']);
  });

  it('leaves files and directories to bash', () => {
    expect(complete('run', './')).toEqual(['compopt -o default -o bashdefault']);
    expect(complete('run', '--share', '')).toEqual(['compopt -o dirnames -o nospace']);
  });
});
