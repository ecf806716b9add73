import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { PolicyDefinition } from '../policy/define-policy.ts';
import fifo from './fifo.ts';

/** The policies that come with devbox, by name. */
export const POLICIES: Readonly<Record<string, PolicyDefinition>> = { fifo };

/** Throws a usage Failure that names the nearest one. */
export function findPolicy(name: string): PolicyDefinition {
  const names = Object.keys(POLICIES);
  const found = names.includes(name) ? POLICIES[name] : undefined;
  if (found) return found;
  throw new Failure({
    kind: 'usage',
    code: 'no-such-policy',
    message: `There is no policy "${name}".${didYouMean(name, names)}`,
    hint: `There are ${names.join(', ')}; a path with a / is a file of yours: ./my-policy.ts`,
  });
}
