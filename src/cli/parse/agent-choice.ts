import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isPolicyName, isPolicyPath } from '../../app/policy/policy-path.ts';
import type { AgentChoice } from '../../app/request.ts';
import { usage } from './parse-words.ts';

/**
 * A word with a `/`, or with the extension of a policy's file, is a path to a policy or an executable; any other is a name.
 * Whether there is such a one is found out later.
 */
export function parseAgent(word: string, cwd: string): AgentChoice {
  if (!word.includes('/') && !isPolicyName(word)) return { kind: 'named', name: word };
  const path = resolve(cwd, word);
  return { kind: 'path', path: join(realDirectory(dirname(path)), basename(path)) };
}

/** Throws `Failure` usage/not-a-policy for a path that means a program. `word`: as it was typed. */
export function checkPolicyPath(word: string, path: string): void {
  if (isPolicyPath(path)) return;
  throw usage(
    'not-a-policy',
    `${word} is not the file of a policy, and nothing is known of other programs before they run.`,
    "A policy's file ends in .ts, .mts, .js or .mjs, and does not begin with #!.",
  );
}

/** Shares are known by their real paths. */
function realDirectory(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
