import { resolve } from 'node:path';
import { isPolicyName } from '../policy/policy-path.ts';
import type { AgentChoice } from '../request.ts';

/** A word with a `/`, or with the extension of a policy's file, is a path, relative to the suite's directory; any other is a name. */
export function agentChoice(word: string, dir: string): AgentChoice {
  return word.includes('/') || isPolicyName(word)
    ? { kind: 'path', path: resolve(dir, word) }
    : { kind: 'named', name: word };
}
