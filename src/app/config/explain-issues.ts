import type { z } from 'zod';
import { didYouMean } from '../../core/nearest.ts';

type Issue = z.core.$ZodIssue;

/** What is wrong, one line for each: where, with which value, and the name that was probably meant. */
export function explainIssues(issues: readonly Issue[], value: unknown): string[] {
  return issues.flatMap((issue) => explain(issue, value));
}

function explain(issue: Issue, value: unknown): string[] {
  const at = placeName(issue.path);
  const found = valueAt(value, issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const meant = didYouMean(key, KNOWN_KEYS);
      return `${at}unknown key "${key}"${meant === '' ? '' : `.${meant}`}`;
    });
  }
  if (issue.code === 'invalid_union') {
    const closest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
    const inner = closest.map((error) => ({ ...error, path: [...issue.path, ...error.path] }) as Issue);
    if (inner.length > 0 && depth(closest) > 0) return explainIssues(inner, value);
    return [`${at}${shown(found)} is none of the forms that it may have`];
  }
  if (issue.code === 'invalid_key') return [`${at}the name is not valid: ${issue.issues[0]?.message ?? ''}`];
  return [`${at}${issue.message}, not ${shown(found)}`];
}

const depth = (issues: readonly Issue[]) => Math.max(0, ...issues.map(({ path }) => path.length));

/** Every key that may stand somewhere; a near one is named. */
const KNOWN_KEYS = [
  ...['kernels', 'extends', 'description', 'source', 'base', 'fragments', 'set', 'make', 'image', 'append'],
  ...['kind', 'suite', 'flavour', 'package', 'version', 'url', 'ref', 'location', 'sha256', 'path'],
];

function placeName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '';
  const name = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return `${name.replace(/^\./, '')}: `;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part], value);
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
