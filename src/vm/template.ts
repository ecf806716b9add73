import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import type { HeldProcess } from './channel/guest-process.ts';
import type { Extent } from './ram-pack.ts';

/** A frozen VM: a directory that clones are made from. */
export interface Template {
  readonly dir: string;
  readonly extents: readonly Extent[];
  /** What the console had printed, and the beginning of a line that was not at its end. */
  readonly console: readonly string[];
  readonly unfinishedLine: string;
  /** What runs in it, and waits. */
  readonly held?: HeldProcess;
}

const FILES = { ram: 'ram', state: 'state', description: 'template.json' };
const SCHEMA = 2;

export const ramOf = (dir: string): string => join(dir, FILES.ram);
export const stateOf = (dir: string): string => join(dir, FILES.state);

export function writeTemplate({ dir, ...template }: Template): void {
  writeFileSync(join(dir, FILES.description), JSON.stringify({ schema: SCHEMA, ...template }));
}

/** Throws `Failure` infrastructure/template-damaged for what `writeTemplate` has not written. */
export function readTemplate(dir: string): Template {
  try {
    const text = readFileSync(join(dir, FILES.description), 'utf8');
    const { schema, ...template } = JSON.parse(text) as Template & { schema: number };
    if (schema !== SCHEMA) throw new Error(`its schema is ${schema}`);
    return { ...template, dir };
  } catch (cause) {
    throw new Failure({
      kind: 'infrastructure',
      code: 'template-damaged',
      message: `The template ${dir} cannot be read: ${(cause as Error).message}.`,
      cause,
    });
  }
}
