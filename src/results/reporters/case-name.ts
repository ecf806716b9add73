import type { SubtestResult, TestCell, TestResult } from '../../core/test-result.ts';

/** `scx-6.12, smp 4, fifo`. */
export function cellName({ kernel, smp, agent }: TestCell): string {
  return `${kernel}, smp ${smp}, ${agent ?? 'no agent'}`;
}

/** `tests/nice.test.ts [scx-6.12, smp 4, fifo]`: what tells a result from every other. */
export function caseName({ file, cell }: Pick<TestResult, 'file' | 'cell'>): string {
  return `${file} [${cellName(cell)}]`;
}

/** `outer › inner`. */
export function subtestName({ path }: SubtestResult): string {
  return path.join(' › ');
}

/** How often it was tried, and how that went: `failed, then passed at attempt 3`. */
export function flakyText({ attempts }: Pick<TestResult, 'attempts'>): string {
  return `failed, then passed at attempt ${attempts}`;
}
