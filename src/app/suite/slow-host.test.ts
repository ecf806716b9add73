import { describe, expect, it } from 'vitest';
import type { Verdict, VerdictKind } from '../../core/verdict.ts';
import { TapParser } from '../../results/tap/tap-parser.ts';
import { excuseSlowHost } from './slow-host.ts';

const starved = { share: 0.8, why: 'it waited 80 % for a CPU' };
const point = (name: string, error: string) => [
  `not ok ${name}`,
  '  ---',
  "  error: 'no CPU time for 1000 ms'",
  "  code: 'ERR_ASSERTION'",
  `  name: '${error}'`,
  '  ...',
];
function tap(...lines: readonly string[]) {
  const parser = new TapParser();
  parser.push(Buffer.from(['TAP version 13', ...lines, ''].join('\n')));
  return parser.end();
}
const late = tap(...point('1 - a', 'TimingError'), 'ok 2 - b', '1..2');
const failed = (kind: VerdictKind = 'test-failed') => {
  const verdict: Verdict = { kind, summary: '1 of 2 failed.', evidence: ['not ok a'], findings: [] };
  return { outcome: 'failed' as const, verdict };
};

describe('a test that failed', () => {
  it('by being too late on a host that gave it no time proves nothing', () => {
    expect(excuseSlowHost(failed(), late, starved)).toMatchObject({
      outcome: 'failed',
      verdict: {
        kind: 'inconclusive',
        summary:
          '1 of 2 failed. But the host was overloaded: it waited 80 % for a CPU, so this proves nothing.',
        evidence: ['not ok a'],
      },
    });
  });

  it('has failed on a host that gave it time', () => {
    expect(excuseSlowHost(failed(), late, { ...starved, share: 0.3 })).toEqual(failed());
  });

  it.each([
    [
      'another subtest failed otherwise',
      tap(...point('1 - a', 'TimingError'), ...point('2 - b', 'AssertionError'), '1..2'),
    ],
    ['its plan was not kept', tap(...point('1 - a', 'TimingError'), '1..3')],
    ['it said nothing in TAP', tap('1..0')],
  ])('has failed when %s', (_, report) => {
    expect(excuseSlowHost(failed(), report, starved).verdict.kind).toBe('test-failed');
  });

  it('has ended as it did when that was not its own doing', () => {
    expect(excuseSlowHost(failed('kernel-splat'), late, starved).verdict.kind).toBe('kernel-splat');
  });
});
