import { describe, expect, it } from 'vitest';
import { jsonReport } from './json.ts';
import { MIXED } from './suite-result.fixture.ts';

describe('the JSON report', () => {
  const report = JSON.parse(jsonReport(MIXED));

  it('has a version, and counts that leave what is flaky out of what passed', () => {
    expect(report).toMatchObject({
      schema: 1,
      type: 'devbox-test-report',
      suite: 'integration',
      durationMs: 61_234,
      verdict: { kind: 'test-failed' },
      counts: { passed: 1, failed: 1, flaky: 1, skipped: 1, todo: 1, inconclusive: 1 },
    });
  });

  it('has every result with its cell, verdicts, subtests and output', () => {
    expect(report.results).toHaveLength(6);
    expect(report.results[0].subtests[0]).toEqual({
      path: ['weights', 'nice 0'],
      outcome: 'passed',
      diagnostics: [],
      durationMs: 12.5,
    });
    expect(report.results[1].output).toBe(MIXED.results[1]?.output);
    expect(report.results[2]).toMatchObject({
      file: 'tests/stall.c',
      cell: { kernel: 'debian-7.2', smp: '1', agent: null },
      outcome: 'flaky',
      attempts: 3,
      durationMs: 1250,
      earlier: [{ kind: 'test-failed' }, { kind: 'guest-hang' }],
    });
  });
});
