import { dirname, relative } from 'node:path';
import { shellWord } from '../core/shell-word.ts';
import type { NewPolicy } from '../index.ts';

/** What to do with a new policy, a command and what it does. */
export function nextSteps({ policy }: NewPolicy, cwd: string): (readonly [command: string, what: string])[] {
  const path = relative(cwd, policy);
  const file = shellWord(path.startsWith('.') ? path : `./${path}`);
  const dir = dirname(path);
  const go = dir === '.' ? '' : `cd ${shellWord(dir)} && `;
  return [
    [`devbox run ${file}`, 'on a real kernel'],
    [`devbox run --watch ${file}`, 'again whenever you save it'],
    [`devbox sim ${file}`, 'in the simulator: seconds become milliseconds'],
    [`${go}npm test`, 'its test, in the simulator; `node --test` does the same with Node 24'],
    [`${go}npx tsc`, 'its types'],
  ];
}
