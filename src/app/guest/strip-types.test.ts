import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { STRIPPED_VARIABLE, type StrippedModules } from '../../agents/stripped-modules.ts';
import { stripTypes } from './strip-types.ts';

const dir = mkdtempSync(join(tmpdir(), 'devbox-strip-'));
afterAll(() => rmSync(dir, { recursive: true }));

async function strip(files: Readonly<Record<string, string>>, first: string) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const written = new Map<string, string>();
  const guest = {
    vm: { channel: { writeFile: async (path: string, text: string) => void written.set(path, text) } },
    cause: { signal: new AbortController().signal },
  };
  const shares = [{ host: dir, guest: '/mnt/tests', readOnly: false }];
  const env = await stripTypes(join(dir, first), shares, guest as never);
  const modules = JSON.parse(env[STRIPPED_VARIABLE] ?? '{}') as StrippedModules;
  return Object.fromEntries(
    Object.entries(modules).map(([path, { path: js, isModule }]) => [path, [written.get(js), isModule]]),
  );
}

it('puts into the guest what a file and its imports are without types, every place where it was', async () => {
  const files = {
    'a.test.ts': "import { n } from './b.ts';\nconst m: number = n;\n",
    'b.ts': 'export const n = 1 as number;\n',
  };
  expect(await strip(files, 'a.test.ts')).toEqual({
    '/mnt/tests/a.test.ts': ["import { n } from './b.ts';\nconst m         = n;\n", true],
    '/mnt/tests/b.ts': ['export const n = 1          ;\n', true],
  });
});

it('knows a script from a module', async () => {
  expect(await strip({ 's.ts': "const { x } = require('./x.js') as any;\n" }, 's.ts')).toEqual({
    '/mnt/tests/s.ts': [expect.any(String), false],
  });
});

it('leaves to the guest what it cannot strip, what is too long, what is missing and what has no types', async () => {
  const long = `export const x: string = '${'x'.repeat(40_000)}';\n`;
  const files = {
    'c.ts':
      "import './long.ts';\nimport './enum.ts';\nimport './gone.ts';\nimport './plain.js';\nlet x: 1;\n",
    ...{ 'long.ts': long, 'enum.ts': 'enum E { A }\n', 'plain.js': '1;\n' },
  };
  expect(Object.keys(await strip(files, 'c.ts'))).toEqual(['/mnt/tests/c.ts']);
});
