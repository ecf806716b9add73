import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { STRIPPED_VARIABLE, type StrippedModules } from './stripped-modules.ts';

const dir = mkdtempSync(join(tmpdir(), 'devbox-stripped-'));
afterAll(() => rmSync(dir, { recursive: true }));
const write = (name: string, text: string): string => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};

const served = join(import.meta.dirname, 'stripped-modules.ts');
const register = write(
  'register.mjs',
  `import { serveStripped } from ${JSON.stringify(served)};\nserveStripped();\n`,
);

/** What a TypeScript file prints in a Node that was told of `modules`. */
function run(file: string, modules: StrippedModules): string {
  const env = { ...process.env, NODE_NO_WARNINGS: '1', [STRIPPED_VARIABLE]: JSON.stringify(modules) };
  return execFileSync(process.execPath, [`--import=${register}`, file], { env, encoding: 'utf8' });
}

it('has Node take the stripped file instead, for a module only', () => {
  const file = write('m.ts', "import 'node:fs';\nconst said: string = 'the file';\nconsole.log(said);\n");
  const path = write('m.js', "import 'node:fs';\nconsole.log('the stripped one');\n");
  expect(run(file, { [file]: { path, isModule: true } })).toBe('the stripped one\n');
  expect(run(file, { [file]: { path, isModule: false } })).toBe('the file\n');
  expect(run(file, {})).toBe('the file\n');
});

it('goes by the package where that says what a file is, and by the file where the stripped one is gone', () => {
  const script = write('s.cts', "const said: string = 'a script';\nconsole.log(said);\n");
  const path = write('s.js', "console.log('no');\n");
  expect(run(script, { [script]: { path, isModule: true } })).toBe('a script\n');
  const module = write('n.mts', "const said: string = 'the file';\nconsole.log(said);\n");
  expect(run(module, { [module]: { path, isModule: false } })).toBe('no\n');
  expect(run(module, { [module]: { path: join(dir, 'gone.js'), isModule: true } })).toBe('the file\n');
});
