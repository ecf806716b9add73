import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { inspectPolicy } from './inspect-policy.ts';

const dir = mkdtempSync(join(tmpdir(), 'devbox-inspect-policy-'));

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

it('leaves nothing behind of the check of a file that is not there', async () => {
  vi.stubEnv('TMPDIR', dir);
  const options = { types: 'warn', warn: () => {}, signal: new AbortController().signal } as const;
  await expect(inspectPolicy(join(dir, 'mine.ts'), options)).rejects.toMatchObject({ kind: 'usage' });
  expect(readdirSync(dir)).toEqual([]);
});
