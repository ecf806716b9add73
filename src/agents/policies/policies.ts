import type { PolicyDefinition } from '../policy/define-policy.ts';
import cfs from './cfs.ts';
import edf from './edf.ts';
import fifo from './fifo.ts';
import fifoCentralized from './fifo-centralized.ts';
import { isPolicyName, noSuchPolicy, type PolicyName } from './policy-names.ts';
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
} satisfies Record<PolicyName, PolicyDefinition>;

/** Throws a usage Failure that names the nearest one. */
export function findPolicy(name: string): PolicyDefinition {
  const found = isPolicyName(name) ? POLICIES[name] : undefined;
  if (found) return found;
  throw noSuchPolicy(name);
}
