import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a configuration is made with, besides files that are named Kconfig*. */
const WHOLE = ['scripts', 'kernel/configs', 'arch/x86/configs'];
const SINGLE = ['Makefile', 'arch/x86/Makefile'];

/**
 * SHA-256 over what a tree's configuration depends on: its Kconfig files, the scripts that they call, and its
 * configurations to begin with. An edited source file leaves it as it was.
 */
export function kconfigDigest(dir: string): string {
  const hash = createHash('sha256');
  const add = (path: string) => {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(dir, path)))
      .update('\0');
  };
  const visit = (path: string, isWhole: boolean): void => {
    const entries = readdirSync(join(dir, path), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) visit(inner, isWhole || WHOLE.includes(inner));
      else if (entry.isFile() && (isWhole || entry.name.startsWith('Kconfig') || SINGLE.includes(inner)))
        add(inner);
    }
  };
  visit('', false);
  return hash.digest('hex');
}
