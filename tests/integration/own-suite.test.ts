import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { SuiteResult } from '../../src/core/test-result.ts';
import { projectRoot } from '../../src/platform/paths.ts';
import { devbox } from '../support/devbox.ts';

const dir = mkdtempSync(join(tmpdir(), 'devbox-own-suite-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** One place of its matrix: all of them take a quarter of an hour under emulation. */
const PLACE = ['--kernel', 'scx', '--smp', '2'];

it("passes the project's own suite of tests inside guests", async () => {
  const report = join(dir, 'report.json');
  const words = ['test', 'integration', ...PLACE, '--reporter', `json:${report}`];
  const { stdout } = await devbox(words, { cwd: projectRoot });
  const { results } = JSON.parse(readFileSync(report, 'utf8')) as SuiteResult;
  const failed = results.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped');
  expect(failed, stdout).toEqual([]);
  expect(results.length).toBeGreaterThan(5);
});
