import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';

const NAMES = ['devbox.config.ts', 'devbox.config.json'] as const;

/**
 * The configuration that holds in `cwd`: in that directory or the nearest one above it. Undefined when there is none.
 * Throws `Failure` usage/two-configs.
 */
export function findConfig(cwd: string): string | undefined {
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    const found = NAMES.filter((name) => existsSync(join(dir, name)));
    if (found.length > 1) {
      throw new Failure({
        kind: 'usage',
        code: 'two-configs',
        message: `${dir} holds both ${NAMES[0]} and ${NAMES[1]}.`,
        hint: 'Keep one of them.',
      });
    }
    if (found[0] !== undefined) return join(dir, found[0]);
    if (dirname(dir) === dir) return undefined;
  }
}
