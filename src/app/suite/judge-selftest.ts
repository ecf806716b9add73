import { parseSmp } from '../../core/smp.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { TapResult } from '../../results/tap/tap-result.ts';
import type { Judged } from './attempt.ts';
import type { PlannedTest } from './plan-tests.ts';

/**
 * What comes of a verdict for one of the kernel's own tests: its runner says in its output how the case went. `stderr`: last
 * lines of it.
 */
export function judgeSelftest(
  { file, cell }: PlannedTest,
  verdict: Verdict,
  { counts, subtests }: TapResult,
  stderr: readonly string[],
): Judged {
  const said = subtests[0];
  const failed = (why: string): Judged => ({
    outcome: 'failed',
    verdict: {
      ...{ ...verdict, kind: 'test-failed', summary: `${file.name}: ${why}`, evidence: stderr },
      ...(parseSmp(cell.smp).cpus === 1 && { hint: ONE_CPU }),
    },
  });
  if (verdict.kind !== 'passed') return { outcome: 'failed', verdict };
  if (counts.failed > 0) return failed(complaint(stderr) ?? 'its runner says "not ok".');
  if (said === undefined) return failed('its runner ended without a result.');
  if (counts.skipped === 0) return { outcome: 'passed', verdict };
  const reason =
    said.reason || stderr.at(-1)?.replace(/^SKIP:\s*/, '') || 'it says that it cannot be run here';
  return { outcome: 'skipped', verdict, reason };
}

const ONE_CPU =
  'With a single CPU the kernel never asks a scheduler for one, which many cases rely on: try --smp 2.';

/** `ERR: exit.c:41`, and what was expected on the next line: that is how the tests say what is wrong. */
function complaint(stderr: readonly string[]): string | undefined {
  const at = stderr.findIndex((line) => line.startsWith('ERR: '));
  const place = stderr[at]?.slice('ERR: '.length);
  return place === undefined ? undefined : `${place}: ${stderr[at + 1] ?? 'it failed'}`;
}
