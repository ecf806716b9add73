import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import type { PolicyDefinition } from '../policy/define-policy.ts';

/**
 * A policy that comes with devbox, by name, without the others: where the guest is emulated every file takes time. Throws a
 * usage Failure that names the nearest one.
 */
export async function loadPolicy(name: string): Promise<PolicyDefinition> {
  const file = new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);
  const { default: found } = existsSync(file) ? await import(file.href) : {};
  return found ?? (await import('./policies.ts')).findPolicy(name);
}
