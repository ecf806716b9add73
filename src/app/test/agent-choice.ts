import { resolve } from 'node:path';
import type { AgentChoice } from '../request.ts';

/** A word with a `/` is a path, relative to the suite's directory; any other is a name. */
export function agentChoice(word: string, dir: string): AgentChoice {
  return word.includes('/') ? { kind: 'path', path: resolve(dir, word) } : { kind: 'named', name: word };
}
