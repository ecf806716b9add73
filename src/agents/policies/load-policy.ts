import { extname } from 'node:path';
import type { PolicyDefinition } from '../policy/define-policy.ts';
import { isPolicyName, noSuchPolicy } from './policy-names.ts';

/**
 * A policy that comes with devbox, by name, without the others: where the guest is emulated every file takes time. Throws a
 * usage Failure that names the nearest one.
 */
export async function loadPolicy(name: string): Promise<PolicyDefinition> {
  if (!isPolicyName(name)) throw noSuchPolicy(name);
  // By its place, which is the same from here and from what this is bundled into: two levels below the top.
  const file = new URL(`../policies/${name}${extname(import.meta.url)}`, import.meta.url);
  return (await import(file.href)).default;
}
