import { globSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { shellWord } from '../../core/shell-word.ts';
import { parseDuration } from '../../core/units.ts';
import { VERDICT_KINDS, type VerdictKind } from '../../core/verdict.ts';
import { nearPath } from '../../platform/near-path.ts';

/**
 * What a file is as a test: a program (or a script with a #! line), a C source to be compiled first, or TypeScript or
 * JavaScript for node:test. A `selftest` is one of the kernel's own, with its runner.
 */
export type TestKind = 'program' | 'c' | 'node' | 'selftest';

export interface TestFile {
  /** As it is shown: relative to the suite's directory; of one of the kernel's own the name of the case. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly kind: TestKind;
  /** What the file itself asks for, see `readDirectives`. */
  readonly directives: TestDirectives;
  /** Why it cannot be run: it did not compile. */
  readonly failure?: Failure;
}

export interface TestDirectives {
  readonly expect?: VerdictKind;
  readonly timeoutMs?: number;
  /** Words: another agent than the suite's, with its flags; `none` for none. */
  readonly agent?: readonly string[];
  /** It loads the suite's agent itself. */
  readonly isUnloaded?: boolean;
}

/** The tests that globs name, in order of their names. Throws `Failure` usage for a pattern that matches nothing. */
export function findTestFiles(globs: readonly string[], dir: string): TestFile[] {
  const excluded = globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1));
  const names = new Set<string>();
  for (const glob of globs.filter((each) => !each.startsWith('!'))) {
    const found = globSync(glob, { cwd: dir, exclude: excluded }).filter((name) =>
      isFile(resolve(dir, name)),
    );
    if (found.length === 0) throw matchesNothing(glob, dir);
    for (const name of found) names.add(name);
  }
  return [...names].sort().map((name) => testFile(name, dir));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function matchesNothing(glob: string, dir: string): Failure {
  const isPattern = /[*?[{]/.test(glob);
  const near = isPattern ? undefined : nearPath(resolve(dir, glob));
  return new Failure({
    kind: 'usage',
    code: 'no-tests',
    message: isPattern ? `No file matches ${glob} in ${dir}.` : `There is no test file ${glob} in ${dir}.`,
    hint:
      near === undefined
        ? 'Files are looked for from there; `devbox test SUITE --list` shows those of a suite.'
        : `Did you mean ${shellWord(near)}?`,
  });
}

const HEAD_BYTES = 4096;

function testFile(name: string, dir: string): TestFile {
  const path = resolve(dir, name);
  const content = readFileSync(path);
  const head = content.subarray(0, HEAD_BYTES);
  const kind = kindOf(name, head, statSync(path).mode);
  if (kind === undefined) {
    throw new Failure({
      kind: 'usage',
      code: 'not-a-test',
      message: `${name} is no test: it is not executable, has no #! line, and is neither C nor TypeScript.`,
      hint: `Run: chmod +x ${shellWord(name)}; or leave it out of the suite's files: "!${name}".`,
    });
  }
  return { name, path, kind, directives: readDirectives(name, head.toString('latin1')) };
}

function kindOf(name: string, head: Buffer, mode: number): TestKind | undefined {
  const isScript = head.subarray(0, 2).toString() === '#!';
  if (/\.[cm]?[jt]s$/.test(name) && !isScript) return 'node';
  if (name.endsWith('.c')) return 'c';
  return isScript || (mode & 0o111) !== 0 ? 'program' : undefined;
}

const DIRECTIVE = /\bdevbox-test:\s*([^\n]*)/g;

/**
 * A test may say in a comment among its first lines what it needs: `devbox-test: expect=kernel-panic timeout=5s agent=none`.
 * Throws `Failure` usage for what cannot be.
 */
export function readDirectives(name: string, head: string): TestDirectives {
  const result: { -readonly [Key in keyof TestDirectives]: TestDirectives[Key] } = {};
  for (const [, text = ''] of head.matchAll(DIRECTIVE)) {
    for (const word of text
      .replace(/\*\/\s*$/, '')
      .trim()
      .split(/\s+/)) {
      const [key, value = ''] = splitOnce(word);
      if (key === 'expect' && isVerdict(value)) result.expect = value;
      else if (key === 'timeout' && parseDuration(value)) result.timeoutMs = parseDuration(value) as number;
      else if (key === 'agent' && value === 'unloaded') result.isUnloaded = true;
      else if (key === 'agent' && value !== '') result.agent = value === 'none' ? [] : value.split(',');
      else throw badDirective(name, word);
    }
  }
  return result;
}

function isVerdict(text: string): text is VerdictKind {
  return (VERDICT_KINDS as readonly string[]).includes(text);
}

function splitOnce(word: string): [string, string] {
  const at = word.indexOf('=');
  return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}

function badDirective(name: string, word: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'bad-directive',
    message: `${name}: "devbox-test: ${word}" is nothing that a test can ask for.`,
    hint: `It can ask for expect=VERDICT (${VERDICT_KINDS.join(', ')}), timeout=TIME and agent=NAME, agent=none or agent=unloaded.`,
  });
}
