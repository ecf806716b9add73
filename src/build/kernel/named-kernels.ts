import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../platform/paths.ts';
import type { DebianSource } from './debian-apt.ts';

export interface NamedKernel extends DebianSource {
  readonly name: string;
  readonly description: string;
}

const DIRECTORY = join(projectRoot, 'kernel-configs');
const FIELDS = ['description', 'source', 'suite', 'flavour'] as const;

/** The kernels that have a name: kernel-configs/NAME.json. */
export function listNamedKernels(): NamedKernel[] {
  const files = readdirSync(DIRECTORY).filter((file) => file.endsWith('.json'));
  return files.sort().flatMap((file) => {
    const text = readFileSync(join(DIRECTORY, file), 'utf8');
    return isBuilt(text) ? [] : [parseNamedKernel(file, text)];
  });
}

/** Whether it is compiled from a source, which is an object then. */
function isBuilt(text: string): boolean {
  return typeof (JSON.parse(text) as { source?: unknown }).source === 'object';
}

/** Throws a plain `Error` for a bad file: it is part of devbox. */
export function parseNamedKernel(file: string, text: string): NamedKernel {
  const value = JSON.parse(text) as Record<string, unknown>;
  for (const field of Object.keys(value)) {
    if (!FIELDS.some((known) => known === field)) throw new Error(`${file}: unknown field "${field}".`);
  }
  for (const field of FIELDS) {
    if (typeof value[field] !== 'string') throw new Error(`${file}: "${field}" must be text.`);
  }
  if (value.source !== 'debian') throw new Error(`${file}: unknown source "${value.source}".`);
  return { name: file.replace(/\.json$/, ''), ...(value as unknown as Omit<NamedKernel, 'name'>) };
}
