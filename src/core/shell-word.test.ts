import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellWord } from './shell-word.ts';

describe('a word for the shell', () => {
  it('stays bare when it can', () => {
    expect(shellWord('--smp=4')).toBe('--smp=4');
  });

  it('comes back from a shell as it was', () => {
    const words = fc.sample(fc.string({ unit: 'binary', maxLength: 12 }), { numRuns: 200, seed: 1 });
    const clean = ['', "it's", '$x `y` "z"\n', ...words.filter((word) => !/[\0\ud800-\udfff]/.test(word))];
    const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${clean.map(shellWord).join(' ')}`]);
    expect(printed.toString('utf8').split('\0').slice(0, -1)).toEqual(clean);
  });
});
