import type { TestResult } from '../core/test-result.ts';
import { formatDuration } from '../core/units.ts';
import { caseName } from './reporters/case-name.ts';
import { line, type StyledLine, type Tone } from './styled-line.ts';

const MARKS: Readonly<Record<TestResult['outcome'], readonly [string, Tone]>> = {
  passed: ['✔', 'good'],
  failed: ['✘', 'bad'],
  flaky: ['~', 'warning'],
  skipped: ['-', 'dim'],
  todo: ['-', 'dim'],
};

/** A test as one line while the suite goes on. */
export function testLine(result: TestResult): StyledLine {
  const { outcome, verdict, ms, subtests, attempts, reason } = result;
  const [mark, tone] = MARKS[outcome];
  const notes = [
    ...(subtests.length > 0 ? [`${subtests.length} subtest${subtests.length === 1 ? '' : 's'}`] : []),
    ...(attempts > 1
      ? [`${outcome === 'flaky' ? 'flaky: passed' : 'failed'} at the ${ordinal(attempts)} try`]
      : []),
    ...(ms > 0 ? [formatDuration(ms)] : []),
  ];
  const why = outcome === 'failed' ? `: ${verdict.kind}: ${verdict.summary}` : reason ? `: ${reason}` : '';
  return line(`${mark} ${caseName(result)}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}${why}`, tone);
}

function ordinal(number: number): string {
  return ({ 2: 'second', 3: 'third' } as Record<number, string>)[number] ?? `${number}th`;
}
