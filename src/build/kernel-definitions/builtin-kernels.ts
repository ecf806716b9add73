import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelDefinition } from '../../core/kernel-definition.ts';
import type { KernelInput } from './definition-schema.ts';
import { FRAGMENTS } from './fragments.ts';
import { readDefinition } from './read-definition.ts';

/** The kernels that come with devbox: kernel-configs/NAME.json. They are part of it, so a test holds them to the schema. */
export function builtinKernels(): KernelDefinition[] {
  const files = readdirSync(FRAGMENTS).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => {
    const name = file.replace(/\.json$/, '');
    const input = JSON.parse(readFileSync(join(FRAGMENTS, file), 'utf8')) as KernelInput;
    return readDefinition({
      name,
      input,
      dir: FRAGMENTS,
      file: `kernel-configs/${file}`,
      parent: () => undefined,
    });
  });
}
