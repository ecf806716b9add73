import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../platform/paths.ts';

export const NATIVE_PROGRAMS = ['guest', 'bpf', 'addon', 'workloads'] as const;
export type NativeProgram = (typeof NATIVE_PROGRAMS)[number];

export const NATIVE_DIR = join(projectRoot, 'native');
export const NODE_MODULES = join(projectRoot, 'node_modules');
/** npm packages whose headers the addon is compiled with. */
export const HEADER_PACKAGES = ['node-addon-api', 'node-api-headers'] as const;

/** SHA-256 over names and contents of all sources of a program. What someone built by hand beside them does not count. */
export function digestSources(dir: string): string {
  const hash = createHash('sha256');
  const visit = (relative: string): void => {
    const items = readdirSync(join(dir, relative), { withFileTypes: true });
    for (const item of items.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(relative, item.name);
      if (item.isDirectory()) {
        if (item.name !== 'build') visit(path);
      } else if (item.isFile() && isSource(item.name)) {
        const content = readFileSync(join(dir, path));
        hash.update(`${path}\0${content.length}\0`).update(content);
      }
    }
  };
  visit('');
  return hash.digest('hex');
}

function isSource(name: string): boolean {
  return name === 'Makefile' || /\.(c|cc|h|hh|mk|S|py)$/.test(name);
}

export function headerVersions(): Record<string, string> {
  return Object.fromEntries(
    HEADER_PACKAGES.map((name) => {
      const manifest = readFileSync(join(NODE_MODULES, name, 'package.json'), 'utf8');
      return [name, (JSON.parse(manifest) as { version: string }).version];
    }),
  );
}
