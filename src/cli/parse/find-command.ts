import { didYouMean } from '../../core/nearest.ts';
import { TOP, usage } from './parse-words.ts';
import type { CommandSpec } from './table.ts';

/** The command that `path` names, from `[]` for devbox itself. Throws `Failure` usage/unknown-command. */
export function findCommand(path: readonly string[]): CommandSpec {
  let spec = TOP;
  for (const word of path) {
    const next = spec.commands?.find(({ name }) => name === word);
    if (!next) {
      const names = (spec.commands ?? []).filter(({ hidden }) => !hidden).map(({ name }) => name);
      throw usage(
        'unknown-command',
        `Unknown command "${path.join(' ')}".${didYouMean(word, names)}`,
        'See `devbox help`.',
      );
    }
    spec = next;
  }
  return spec;
}
