import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isPolicyName } from '../../app/policy/policy-path.ts';
import type { AgentChoice } from '../../app/request.ts';

/**
 * A word with a `/`, or with the extension of a policy's file, is a path to a policy or an executable; any other is a name.
 * Whether there is such a one is found out later.
 */
export function parseAgent(word: string, cwd: string): AgentChoice {
  if (!word.includes('/') && !isPolicyName(word)) return { kind: 'named', name: word };
  const path = resolve(cwd, word);
  return { kind: 'path', path: join(realDirectory(dirname(path)), basename(path)) };
}

/** Shares are known by their real paths. */
function realDirectory(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
