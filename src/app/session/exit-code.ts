import { constants } from 'node:os';
import type { ProcessExit } from '../../core/event.ts';
import { VERDICT_EXIT_CODES, type Verdict } from '../../core/verdict.ts';
import type { RunRequestInfo } from '../../platform/record/run-info.ts';

/** A passed-through command's exit code is devbox's own, as a shell would give it; any other verdict has its own code. */
export function exitCodeOf(useCase: RunRequestInfo['useCase'], verdict: Verdict, exit?: ProcessExit): number {
  const isCommand = useCase === 'exec' || useCase === 'shell';
  const passedThrough = isCommand && (verdict.kind === 'passed' || verdict.kind === 'test-failed');
  if (!passedThrough || exit === undefined) return VERDICT_EXIT_CODES[verdict.kind];
  if (exit.signal === undefined) return exit.code ?? 0;
  return 128 + (constants.signals[exit.signal as NodeJS.Signals] ?? 0);
}
