import { readFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../core/failure.ts';
import { errorPlace, placeLines, placeText, type SourcePlace } from './error-place.ts';

const SEE_ALSO = 'docs/policies.md shows what a policy is; `devbox agent new NAME` writes one that works.';

/** src/, or dist/, or what the guest has of it. */
const OURS = resolve(dirname(fileURLToPath(import.meta.url)), '../..') + sep;

export const isOurs = (file: string): boolean => file.startsWith(OURS);

export function policyFailure(
  code: string,
  message: string,
  {
    evidence = [],
    hint = SEE_ALSO,
    cause,
  }: { evidence?: readonly string[]; hint?: string; cause?: unknown } = {},
): Failure {
  return new Failure({ kind: 'usage', code, message, evidence, hint, cause });
}

/** What importing a policy's file threw, as people need it: where, what, and the line itself. */
export function importFailure(file: string, error: unknown): Failure {
  const isError = error instanceof Error;
  const { code, message } = isError ? (error as NodeJS.ErrnoException) : { code: '', message: String(error) };
  const place = isError ? errorPlace(error.stack ?? '', (name) => isOurs(name) && name !== file) : undefined;
  const at = place ? placeText(place) : file;
  const evidence = place ? placeLines(place) : [];
  const options = { evidence, cause: error };
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_UNSUPPORTED_DIR_IMPORT')
    return missingImport(file, message, error);
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    const hint =
      'Node strips types and compiles nothing: no enum, namespace or parameter properties. "erasableSyntaxOnly" in tsconfig.json makes editors and tsc say so.';
    return policyFailure('policy-syntax', `${at}: ${message}.`, { ...options, hint });
  }
  if (error instanceof SyntaxError && place !== undefined && !isFrame(error)) {
    return policyFailure('policy-syntax', `${at}: ${message.replace(/\.?$/, '.')}`, {
      ...options,
      ...(message.includes('does not provide an export')
        ? {}
        : { hint: 'It has to be TypeScript, or JavaScript.' }),
    });
  }
  const what = isError ? `${error.name}: ${message}` : message;
  return policyFailure('policy-throws', `${at} throws when it is imported: ${what}`, {
    ...options,
    hint: 'A policy is made by create(), not when its file is imported.',
  });
}

/** A SyntaxError that was thrown by code (JSON.parse, RegExp), not about it. */
function isFrame(error: Error): boolean {
  return /^\w*Error\b/.test(error.stack ?? '');
}

function missingImport(file: string, message: string, cause: unknown): Failure {
  const [, wanted = '', importer = file] = /'([^']*)' imported from (.*)$/.exec(message) ?? [];
  const place = importPlace(importer, wanted);
  const at = place ? placeText(place) : importer;
  const isPackage = message.includes('package');
  return policyFailure(
    'policy-import',
    `${at}: there is no ${isPackage ? 'package' : 'file'} ${wanted} to import.`,
    {
      evidence: place ? placeLines(place) : [],
      hint: isPackage
        ? 'A policy is given devbox/policy; other packages have to be in a node_modules that the guest sees, too.'
        : 'Imports of TypeScript need the extension, as in ./my-queue.ts.',
      cause,
    },
  );
}

/** The line that imports what is not there: its name, or the end of its path, stands in it. */
function importPlace(importer: string, wanted: string): SourcePlace | undefined {
  const name = wanted.split('/').at(-1) ?? wanted;
  return findLine(importer, (line) => /\b(?:from|import)\b/.test(line) && line.includes(name), name);
}

/** The place of the default export in a file. */
export function defaultExportPlace(file: string): SourcePlace | undefined {
  return findLine(file, (line) => /\bexport\s+default\b|\bas\s+default\b/.test(line), undefined);
}

function findLine(
  file: string,
  matches: (line: string) => boolean,
  word: string | undefined,
): SourcePlace | undefined {
  let lines: readonly string[];
  try {
    lines = readFileSync(file, 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const index = lines.findIndex(matches);
  const text = lines[index];
  if (text === undefined) return undefined;
  const place = { file, line: index + 1, text };
  return word === undefined ? place : { ...place, column: text.indexOf(word) + 1 };
}
