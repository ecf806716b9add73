import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { agentChoice, policyChoice } from './agent-choice.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'devbox-choice-')));
afterAll(() => rmSync(dir, { recursive: true }));

describe('a word that names an agent', () => {
  it('is a path with a slash, or with the extension of a policy, else a name', () => {
    expect(agentChoice('fifo', dir)).toEqual({ kind: 'named', name: 'fifo' });
    expect(agentChoice('./fifo', dir)).toEqual({ kind: 'path', path: join(dir, 'fifo') });
    expect(agentChoice('mine.ts', dir)).toEqual({ kind: 'path', path: join(dir, 'mine.ts') });
  });

  it('is a program, not a policy, when it begins with #!, or has another extension', () => {
    writeFileSync(join(dir, 'script.js'), '#!/usr/bin/env node\n');
    writeFileSync(join(dir, 'policy.js'), 'export default {};\n');
    const check = (name: string) => () => policyChoice(`./${name}`, dir);
    expect(check('policy.js')).not.toThrow();
    expect(check('missing.ts')).not.toThrow();
    for (const name of ['script.js', 'prog', 'x.py'])
      expect(check(name)).toThrow(expect.objectContaining({ kind: 'usage', code: 'not-a-policy' }));
  });
});
