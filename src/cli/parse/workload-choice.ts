import type { RunOptions } from '../../index.ts';
import { usage } from './parse-words.ts';

/**
 * `NAME`, `NAME:ARGS` (divided at blanks) or a shell command. One bare word is a name, so that a misspelt workload is
 * found before anything boots.
 */
export function parseWorkload(text: string): NonNullable<RunOptions['workload']> {
  if (text.trim() === '') throw usage('bad-workload', '--workload is empty.', 'See `devbox workload list`.');
  const named = /^([A-Za-z0-9][\w-]*)(?::(.*))?$/s.exec(text);
  if (!named?.[1]) return text;
  return { name: named[1], args: (named[2] ?? '').split(/\s+/).filter((word) => word !== '') };
}
