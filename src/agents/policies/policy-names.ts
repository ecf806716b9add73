import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';

/** The policies that come with devbox: each is a file of this directory. */
export const POLICY_NAMES = [
  'fifo',
  'fifo-centralized',
  'round-robin',
  'cfs',
  'edf',
  'shinjuku',
  'sol',
] as const;

export type PolicyName = (typeof POLICY_NAMES)[number];

export function isPolicyName(name: string): name is PolicyName {
  return (POLICY_NAMES as readonly string[]).includes(name);
}

/** A usage Failure that names the nearest one. */
export function noSuchPolicy(name: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'no-such-policy',
    message: `There is no policy "${name}".${didYouMean(name, POLICY_NAMES)}`,
    hint: `There are ${POLICY_NAMES.join(', ')}; a path with a / is a file of yours: ./my-policy.ts`,
  });
}
