import { NONE } from '../policy/policy.ts';
import type { RecentDecision } from './recent-decisions.ts';
import { DECISION, DECISION_WORDS } from './relay-records.ts';

const WORD = 2 ** 32;

/** Decision records as they were handed to the kernel, for people; when each was made, and for which thread, is not in them. */
export function readDecisions(words: Uint32Array, count: number): readonly RecentDecision[] {
  const there = Math.min(count, Math.floor(words.length / DECISION_WORDS));
  return Array.from({ length: there }, (_, index) => {
    const at = index * DECISION_WORDS;
    const word = (offset: number) => words[at + offset] as number;
    const slice = word(DECISION.slice + 1) * WORD + word(DECISION.slice);
    return {
      ...{
        time: 0,
        task: word(DECISION.task),
        pid: NONE,
        cpu: word(DECISION.cpu) | 0,
        flags: word(DECISION.flags),
      },
      slice: slice === WORD * WORD ? Number.POSITIVE_INFINITY : slice,
    };
  });
}
