import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { compileFunction } from 'node:vm';
import { STRIPPED_VARIABLE, type StrippedModule } from '../../agents/stripped-modules.ts';
import { pathInGuest, type ShareSpec } from '../../core/share-spec.ts';
import { importedFiles } from '../policy/imported-files.ts';
import type { Guest } from './start-guest.ts';

/** What a guest takes at once. What is longer it strips itself. */
const MAX_BYTES = 32_000;
const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];

/**
 * Strips the types of a TypeScript file and of what it imports, and puts the JavaScript into the guest: it has it a second
 * sooner than if it did that itself, where it is emulated. Resolves with the environment by which programs there find it. What cannot be
 * stripped is left to the guest, which says what is wrong with it.
 */
export async function stripTypes(
  file: string,
  shares: readonly ShareSpec[],
  { vm, cause }: Pick<Guest, 'vm' | 'cause'>,
): Promise<Readonly<Record<string, string>>> {
  const modules: Record<string, StrippedModule> = {};
  for (const part of importedFiles(file)) {
    const place = pathInGuest(part, shares);
    const source = /\.m?ts$/.test(part) && place !== undefined ? stripped(part) : undefined;
    if (place === undefined || source === undefined) continue;
    const path = `/run/devbox-${createHash('sha256').update(source).digest('hex').slice(0, 32)}.js`;
    await vm.channel.writeFile(path, source, { signal: cause.signal });
    modules[place] = { path, isModule: isModule(source) };
  }
  return Object.keys(modules).length === 0 ? {} : { [STRIPPED_VARIABLE]: JSON.stringify(modules) };
}

function stripped(file: string): string | undefined {
  try {
    const source = quietly(() => stripTypeScriptTypes(readFileSync(file, 'utf8')));
    return Buffer.byteLength(source) <= MAX_BYTES ? source : undefined;
  } catch {
    return undefined;
  }
}

/** Node warns of the function, not of what it does to these files: it is the one by which it runs them itself. */
function quietly<T>(work: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** As Node finds out where no package.json says it: what is no script for the sake of `import`, `export` or top-level `await`. */
function isModule(source: string): boolean {
  try {
    compileFunction(source, PARAMETERS);
    return false;
  } catch (error) {
    return /\b(?:import|export|import\.meta|await)\b/.test((error as Error).message);
  }
}
