import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { importedFiles } from './imported-files.ts';

const dir = mkdtempSync(join(tmpdir(), 'devbox-imported-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
const from = (name: string) => importedFiles(join(dir, name)).map((file) => file.slice(dir.length + 1));

describe('importedFiles', () => {
  it('follows relative imports, also round in circles and to what is missing, and leaves packages alone', () => {
    write('a.ts', 'import { definePolicy } from \'devbox/policy\';\nimport { q } from "./q.ts";\n');
    write('q.ts', "import './a.ts';\nexport * from './gone.ts';\nconst z = await import('./late.mjs');\n");
    expect(from('a.ts')).toEqual(['a.ts', 'q.ts', 'gone.ts', 'late.mjs']);
  });

  it('knows nothing of what a program consists of', () => {
    write('p.js', "#!/usr/bin/env node\nimport './a.ts';\n");
    expect(from('p.js')).toEqual(['p.js']);
  });
});
