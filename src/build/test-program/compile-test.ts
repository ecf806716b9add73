import { mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { openStore } from '../../platform/store.ts';
import { keyOf } from '../../platform/store-key.ts';
import type { BuildRoot } from '../root/prepare-build-root.ts';

export interface CompileTestOptions {
  readonly root: BuildRoot;
  readonly signal: AbortSignal;
}

const SOURCE_DIR = '/mnt/source';
const RECIPE = 1;
const NEEDS = 20e6;
const FLAGS = ['-std=gnu17', '-O2', '-g1', '-Wall', '-pthread'];

/**
 * Compiles one C file, which may include what lies beside it, into a program for guests; a file that was compiled before is
 * taken from the store. Returns the program's path. Throws `Failure` build with the compiler's words.
 */
export async function compileTest(source: string, { root, signal }: CompileTestOptions): Promise<string> {
  const name = basename(source, '.c');
  const dir = dirname(source);
  const inside = `${SOURCE_DIR}/${basename(source)}`;
  const run = (argv: readonly string[], output: string | undefined) =>
    root
      .run({
        argv,
        binds: [
          { host: dir, guest: SOURCE_DIR, readOnly: true },
          ...(output === undefined ? [] : [{ host: output, guest: '/mnt/out', readOnly: false }]),
        ],
        name: `test-${name}`,
        title: `Compiling ${basename(source)}`,
        signal,
        ...(output !== undefined && { writesTo: { dir: dirname(output), needs: NEEDS } }),
      })
      .catch((error: unknown) => {
        throw outside(error, dir);
      });
  // What it includes counts as well: the preprocessor says what that comes to.
  const digest = `${['gcc', ...FLAGS].join(' ')} -E -P "$1" -o /tmp/test.i && sha256sum </tmp/test.i`;
  const { stdout } = await run(['sh', '-c', digest, 'sh', inside], undefined);
  const { entry } = await openStore().obtain({
    kind: 'test-program',
    key: keyOf({
      recipe: RECIPE,
      root: root.key,
      name,
      flags: FLAGS,
      text: stdout,
      source: readFileSync(source, 'utf8'),
    }),
    needs: NEEDS,
    signal,
    make: async (draft) => {
      const out = join(draft, 'out');
      mkdirSync(out);
      await run(['gcc', ...FLAGS, inside, '-o', `/mnt/out/${name}`, '-lm'], out);
      return undefined;
    },
  });
  return join(entry.dir, 'out', name);
}

/** The compiler's words with the names that the files have outside of the root. */
function outside(error: unknown, dir: string): unknown {
  if (!(error instanceof Failure)) return error;
  const { kind, code, message, hint, evidence, log, cause } = error;
  return new Failure({
    ...{ kind, code, message, cause },
    evidence: evidence.map((text) => text.replaceAll(SOURCE_DIR, dir)),
    ...(hint !== undefined && { hint }),
    ...(log !== undefined && { log }),
  });
}
