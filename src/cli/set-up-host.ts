import type { RunContext } from '../index.ts';
import { canAsk } from './ask.ts';

/** Sees to it first that the machine has what runs need, asking whoever sits at the terminal. */
export function setUpHost(signal: AbortSignal): Required<Pick<RunContext, 'setUp'>> {
  const ask = canAsk(signal);
  return { setUp: ask ? { ask } : {} };
}
