import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isPolicyPath } from './policy-path.ts';

const IMPORT = /\b(?:from|import)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g;

/** A policy's file and the files that it imports by relative paths, directly or not, as far as they can be read. Absolute. */
export function importedFiles(file: string): string[] {
  const found = new Set([file]);
  if (!isPolicyPath(file)) return [file]; // A program.
  // A set's iterator meets what is added on the way.
  for (const importer of found) {
    for (const [, , specifier = ''] of read(importer).matchAll(IMPORT))
      found.add(resolve(dirname(importer), specifier));
  }
  return [...found];
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
