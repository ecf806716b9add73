import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listAgents } from '../../src/agents/catalog.ts';
import type { SuiteResult } from '../../src/core/test-result.ts';
import { projectRoot } from '../../src/platform/paths.ts';
import { devbox } from '../support/devbox.ts';

const dir = mkdtempSync(join(tmpdir(), 'devbox-own-suite-'));
afterAll(() => rmSync(dir, { recursive: true }));

async function suite(...words: readonly string[]): Promise<SuiteResult['results']> {
  const report = join(dir, 'report.json');
  const { stdout } = await devbox(['test', ...words, '--reporter', `json:${report}`], { cwd: projectRoot });
  const { results } = JSON.parse(readFileSync(report, 'utf8')) as SuiteResult;
  const failed = results.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped');
  expect(failed, stdout).toEqual([]);
  return results;
}

/** Of each suite a part of its matrix: all of it takes a quarter of an hour under emulation. */
describe("passes the project's own suites of tests inside guests:", () => {
  it('what tasks and agents may do', async () => {
    const results = await suite('integration', '--kernel', 'scx', '--smp', '2', '--agent', 'fifo');
    expect(results.length).toBeGreaterThan(5);
  });

  it('nice values, where they are promised', async () => {
    const results = await suite(
      'integration',
      '--kernel',
      'scx',
      '--smp',
      '2',
      '--agent',
      'cfs',
      '--grep',
      'nice',
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(['passed']);
  });

  it('what breaks on purpose, each with the verdict that it deserves', async () => {
    const slow = 'guest-hang|too-late';
    const results = await suite('broken', '--kernel', 'scx', '--grep', `^(?!.*/(?:${slow})\\.sh)`);
    expect(results.length).toBeGreaterThan(5);
  });

  it('every scheduler under load', { timeout: 900_000 }, async () => {
    const results = await suite('load', '--kernel', 'scx');
    const agents = new Set(results.map(({ cell }) => cell.agent));
    expect([...agents].sort()).toEqual(
      listAgents()
        .map(({ name }) => name)
        .sort(),
    );
  });
});
