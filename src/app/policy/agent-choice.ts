import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { AgentChoice } from '../request.ts';
import { isPolicyName, isPolicyPath } from './policy-path.ts';

/**
 * A word with a `/`, or with the extension of a policy's file, is a path to a policy or an executable, relative to `dir`; any
 * other is a name. Whether there is such a one is found out later.
 */
export function agentChoice(word: string, dir: string): AgentChoice {
  if (!word.includes('/') && !isPolicyName(word)) return { kind: 'named', name: word };
  const path = resolve(dir, word);
  return { kind: 'path', path: join(realDirectory(dirname(path)), basename(path)) };
}

/** The same of what must be a policy. Throws `Failure` usage/not-a-policy for a path that means a program. */
export function policyChoice(word: string, dir: string): AgentChoice {
  const choice = agentChoice(word, dir);
  if (choice.kind === 'named' || isPolicyPath(choice.path)) return choice;
  throw new Failure({
    kind: 'usage',
    code: 'not-a-policy',
    message: `${word} is not the file of a policy, and nothing is known of other programs before they run.`,
    hint: "A policy's file ends in .ts, .mts, .js or .mjs, and does not begin with #!.",
  });
}

/** Shares are known by their real paths. */
function realDirectory(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
