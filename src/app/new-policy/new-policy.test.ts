import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectRoot } from '../../platform/paths.ts';
import { checkTypes } from '../policy/check-types.ts';
import { describePolicy } from '../policy/describe-policy.ts';
import { newPolicy } from './new-policy.ts';

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'devbox-new-')));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('newPolicy', () => {
  it('writes a policy that can be described and has the types that it should', async () => {
    const { policy, written, kept } = newPolicy('my-policy', join(dir, 'deep/er'));
    expect(written).toEqual(
      expect.arrayContaining(['my-policy.ts', 'my-policy.test.ts', 'tsconfig.json', 'package.json']),
    );
    expect(kept).toEqual([]);
    expect((await describePolicy(policy)).flags.map(({ name }) => name)).toEqual(['slice']);
    expect(await checkTypes(policy)).toEqual([]);
  });

  it('links node_modules/devbox to this devbox', () => {
    newPolicy('mine', dir);
    expect(realpathSync(join(dir, 'node_modules/devbox'))).toBe(realpathSync(projectRoot));
    expect(readdirSync(join(dir, 'node_modules/typescript'))).toContain('bin');
  });

  it('overwrites no policy and no test, and then writes nothing at all', () => {
    writeFileSync(join(dir, 'mine.test.ts'), 'mine');
    expect(() => newPolicy('mine', dir)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: 'policy-exists',
        message: expect.stringContaining('mine.test.ts'),
      }),
    );
    expect(readdirSync(dir)).toEqual(['mine.test.ts']);
  });

  it('keeps what a project has already', () => {
    mkdirSync(join(dir, 'node_modules/typescript'), { recursive: true });
    writeFileSync(join(dir, 'tsconfig.json'), '{}');
    const { written, kept } = newPolicy('mine', dir);
    expect(kept).toEqual(['tsconfig.json', 'node_modules/typescript']);
    expect(written).toContain('node_modules/devbox');
    expect(readFileSync(join(dir, 'tsconfig.json'), 'utf8')).toBe('{}');
    expect(newPolicy('second', dir).written).toEqual(['second.ts', 'second.test.ts']);
  });

  it.each(['My-Policy', '../up', 'a b', '-x', '', 'x.ts'])('refuses the name %j', (name) => {
    expect(() => newPolicy(name, dir)).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'bad-policy-name' }),
    );
  });
});
