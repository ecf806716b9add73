import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isOurs } from '../../agents/policy-file/policy-failure.ts';
import { runChild } from '../../platform/child.ts';
import { projectRoot } from '../../platform/paths.ts';

/** One complaint of tsc. */
export interface TypeMistake {
  /** `/a/my-policy.ts:3:5`; undefined when it is about the configuration. */
  readonly place?: string;
  /** Its first line. */
  readonly message: string;
  /** The lines below it. */
  readonly details: readonly string[];
}

const TSC = join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc');

/** What holds for a file that has no tsconfig.json above it. */
const OWN_OPTIONS = {
  target: 'esnext',
  lib: ['esnext'],
  module: 'nodenext',
  strict: true,
  allowImportingTsExtensions: true,
  erasableSyntaxOnly: true,
  skipLibCheck: true,
  allowJs: true,
  types: [],
};

/**
 * What tsc says of a policy's file and of what it imports: by the tsconfig.json that holds for it, with the types of this
 * devbox. It takes about a fifth of a second. Undefined when there is no TypeScript, or it does not run.
 */
export async function checkTypes(
  file: string,
  signal?: AbortSignal,
): Promise<readonly TypeMistake[] | undefined> {
  if (!existsSync(TSC)) return undefined;
  const dir = mkdtempSync(join(tmpdir(), 'devbox-types-'));
  try {
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(configFor(file)));
    const { exit, stdout } = await runChild({
      argv: [process.execPath, TSC, '-p', dir, '--pretty', 'false'],
      cwd: dirname(file),
      ...(signal && { signal }),
    });
    const mistakes = readDiagnostics(stdout, dirname(file));
    if (exit.code !== 0 && mistakes.length === 0) return undefined;
    // What their compiler options make of our own files is not their mistake.
    return mistakes.filter(({ place }) => place === undefined || !isOurs(place));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function configFor(file: string): unknown {
  const ancestors = [...directoriesAbove(file)];
  const theirs = ancestors.map((dir) => join(dir, 'tsconfig.json')).find((path) => existsSync(path));
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.d.ts';
  const own = join(projectRoot, extension === '.ts' ? 'src' : 'dist');
  return {
    ...(theirs === undefined ? {} : { extends: theirs }),
    compilerOptions: {
      ...(theirs === undefined ? OWN_OPTIONS : {}),
      ...{ noEmit: true, incremental: false, composite: false, declaration: false },
      allowImportingTsExtensions: true,
      // Neither is Node's way to find a module, and the file runs with this devbox whatever else is installed.
      paths: {
        'devbox/policy': [join(own, `policy${extension}`)],
        'devbox/sim': [join(own, `sim${extension}`)],
      },
      typeRoots: [...ancestors, projectRoot].map((dir) => join(dir, 'node_modules', '@types')),
    },
    files: [file],
    include: [],
    references: [],
  };
}

function* directoriesAbove(file: string): Generator<string> {
  for (let dir = dirname(file); ; dir = dirname(dir)) {
    yield dir;
    if (dirname(dir) === dir) return;
  }
}

/** tsc's `file(line,column): error TS1234: text`, or `error TS1234: text`; what belongs to it is indented. */
export function readDiagnostics(output: string, cwd: string): TypeMistake[] {
  const mistakes: { place?: string; message: string; details: string[] }[] = [];
  for (const line of output.split('\n')) {
    const start = /^(?:(.+)\((\d+),(\d+)\): )?error (TS\d+: .*)$/.exec(line);
    if (start) {
      const [, file, row, column, message = ''] = start;
      const place =
        file === undefined
          ? {}
          : { place: `${join(file.startsWith('/') ? '' : cwd, file)}:${row}:${column}` };
      mistakes.push({ ...place, message, details: [] });
    } else if (line.startsWith('  ')) mistakes.at(-1)?.details.push(line.slice(2));
  }
  return mistakes;
}
