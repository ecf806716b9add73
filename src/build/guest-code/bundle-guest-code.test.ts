import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { bundleGuestCode } from './bundle-guest-code.ts';

const dist = mkdtempSync(join(tmpdir(), 'devbox-bundle-'));
afterAll(() => rmSync(dist, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dist, name)), { recursive: true });
    writeFileSync(join(dist, name), text);
  }
}

it('keeps what is found by its place where it was, puts all that it needs into it, and lets classes be the same for all', async () => {
  write({
    'core/failure.js': 'export class Failure extends Error {}\n',
    'core/unused.js': 'export const unused = 1;\n',
    'agents/runtime/main.js': "import { Failure } from '../../core/failure.js';\nconsole.log(Failure);\n",
    'agents/runtime/policy-worker.js':
      "import { readFileSync } from 'node:fs';\nimport { Failure } from '../../core/failure.js';\nconsole.log(readFileSync, Failure, await import('../policy-file/late.js'));\n",
    'agents/policy-file/late.js': 'export const late = 1;\n',
    'agents/policies/fifo.js': "import { Failure } from '../../core/failure.js';\nexport default Failure;\n",
    'agents/policies/helper.js': 'export const helper = 1;\n',
    'policy.js': "export { Failure } from './core/failure.js';\n",
    'guest.js': 'export const pin = 1;\n',
    'agents/guest-library/register.js': 'console.log(import.meta.url);\n',
  });
  const files = await bundleGuestCode(dist, ['fifo']);
  const text = (path: string) => Buffer.from(files.find((file) => file.path === path)?.data ?? []).toString();
  expect(files.map(({ path }) => path)).toEqual([
    'agents/guest-library/register.js',
    'agents/policies/fifo.js',
    'agents/runtime/late.js',
    'agents/runtime/main.js',
    'agents/runtime/policy-worker.js',
    'agents/runtime/shared.js',
    'guest.js',
    'policy.js',
  ]);
  expect(text('agents/runtime/main.js')).toMatch(/class (?:Failure )?extends Error/);
  const holders = files
    .filter(({ data }) => /class (?:Failure )?extends Error/.test(Buffer.from(data).toString()))
    .map(({ path }) => path);
  expect(holders).toEqual(['agents/runtime/main.js', 'agents/runtime/shared.js']);
  expect(text('agents/policies/fifo.js')).toContain('../runtime/shared.js');
  expect(text('agents/guest-library/register.js')).toContain('import.meta.url');
  expect(files.some(({ data }) => Buffer.from(data).includes(dist))).toBe(false);
});
