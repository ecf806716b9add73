import { existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { projectRoot } from '../../platform/paths.ts';
import { PACKAGE_TEXT, POLICY_TEXT, TSCONFIG_TEXT, testText } from './templates.ts';

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

export interface NewPolicy {
  /** Absolute. */
  readonly policy: string;
  readonly test: string;
  /** What was written or linked, relative to the directory. */
  readonly written: readonly string[];
  /** What was there and stays as it is, relative to the directory. */
  readonly kept: readonly string[];
}

/**
 * Writes a policy that works, its test, and what editors, tsc and Node need to know: a tsconfig.json, a package.json, and
 * links to this devbox and its TypeScript in node_modules. Files of the policy that exist are refused, the rest is kept.
 * Throws `Failure` usage.
 */
export function newPolicy(name: string, dir: string): NewPolicy {
  if (!NAME.test(name)) {
    throw usage(
      'bad-policy-name',
      `"${name}" cannot be the name of a policy.`,
      'Lower-case letters and digits, words joined by a dash: my-policy',
    );
  }
  const file = `${name}.ts`;
  const mine = new Map([
    [file, POLICY_TEXT],
    [`${name}.test.ts`, testText(file)],
  ]);
  const there = [...mine.keys()].find((path) => existsSync(join(dir, path)));
  if (there !== undefined) {
    throw usage(
      'policy-exists',
      `${join(dir, there)} exists, and is not overwritten.`,
      'Choose another name, or another --dir.',
    );
  }
  const shared = new Map([
    ['tsconfig.json', TSCONFIG_TEXT],
    ['package.json', PACKAGE_TEXT],
  ]);
  const links = linksToDevbox();
  const kept = [...shared.keys(), ...links.keys()].filter((path) => isThere(join(dir, path)));
  const written: string[] = [];
  try {
    mkdirSync(dir, { recursive: true });
    for (const [path, text] of [...mine, ...shared]) {
      if (kept.includes(path)) continue;
      writeFileSync(join(dir, path), text, { flag: 'wx' });
      written.push(path);
    }
    for (const [path, target] of links) {
      if (kept.includes(path)) continue;
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      symlinkSync(target, join(dir, path));
      written.push(path);
    }
  } catch (cause) {
    throw usage(
      'cannot-write',
      `Cannot write to ${dir}: ${(cause as Error).message}.`,
      'Choose another --dir.',
      cause,
    );
  }
  return { policy: join(dir, file), test: join(dir, `${name}.test.ts`), written, kept };
}

/** What npm would put into node_modules: `npm test` and `npx tsc` then take what this devbox runs with. */
function linksToDevbox(): Map<string, string> {
  const modules = join(projectRoot, 'node_modules');
  const links = new Map([
    ['node_modules/devbox', projectRoot],
    ['node_modules/typescript', join(modules, 'typescript')],
    ['node_modules/@types/node', join(modules, '@types', 'node')],
    ['node_modules/.bin/tsc', join(modules, '.bin', 'tsc')],
    ['node_modules/.bin/node', join(modules, '.bin', 'node')],
  ]);
  return new Map([...links].filter(([, target]) => existsSync(target)));
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function usage(code: string, message: string, hint: string, cause?: unknown): Failure {
  return new Failure({ kind: 'usage', code, message, hint, cause });
}
