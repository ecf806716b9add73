import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { PolicyDefinition } from '../policy/define-policy.ts';
import cfs from './cfs.ts';
import edf from './edf.ts';
import fifo from './fifo.ts';
import fifoCentralized from './fifo-centralized.ts';
import roundRobin from './round-robin.ts';
import shinjuku from './shinjuku.ts';
import sol from './sol.ts';

/** The policies that come with devbox, by name. */
export const POLICIES: Readonly<Record<string, PolicyDefinition>> = {
  fifo,
  'fifo-centralized': fifoCentralized,
  'round-robin': roundRobin,
  cfs,
  edf,
  shinjuku,
  sol,
};

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
