import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nextSteps } from './next-steps.ts';

it('says what to do next with paths as they are typed', () => {
  const dir = '/home/me';
  const policy = join(dir, 'a b/mine.ts');
  const made = { policy, test: join(dir, 'a b/mine.test.ts'), written: [], kept: [] };
  expect(nextSteps(made, dir).map(([command]) => command)).toEqual(
    expect.arrayContaining(["devbox run './a b/mine.ts'", "cd 'a b' && npm test"]),
  );
  expect(nextSteps(made, join(dir, 'a b')).map(([command]) => command)).toContain('npm test');
});
