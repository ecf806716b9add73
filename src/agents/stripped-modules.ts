import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** TypeScript whose types the host has stripped, by its path in the guest. */
export type StrippedModules = Readonly<Record<string, StrippedModule>>;

export interface StrippedModule {
  /** Where the JavaScript lies in the guest. */
  readonly path: string;
  /** Whether it is a module also where no package.json says so. */
  readonly isModule: boolean;
}

/** What the host tells the guest's programs by: StrippedModules as JSON. */
export const STRIPPED_VARIABLE = 'DEVBOX_STRIPPED';

/**
 * Has Node take what was stripped already. To strip types it starts a compiler, which takes a second where the guest is
 * emulated. Places stay what they were, for types become blanks.
 */
export function serveStripped(env: NodeJS.ProcessEnv = process.env): void {
  const known = env[STRIPPED_VARIABLE];
  if (known === undefined) return;
  const modules = JSON.parse(known) as StrippedModules;
  registerHooks({
    load: (url, context, next) => {
      const found = url.startsWith('file:') ? modules[fileURLToPath(url)] : undefined;
      const source = found && isModule(context.format, found) ? read(found.path) : undefined;
      return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true };
    },
  });
}

/** By what Node says of the file's package, where it says anything. */
function isModule(format: string | null | undefined, found: StrippedModule): boolean {
  return format === 'module-typescript' || ((format ?? undefined) === undefined && found.isModule);
}

/** Undefined: somebody has removed it. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
