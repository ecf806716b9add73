import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../platform/paths.ts';
import { configSchema } from './config-schema.ts';
import { loadConfig } from './load-config.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-config-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const json = (value: unknown) => writeFileSync(join(dir, 'devbox.config.json'), JSON.stringify(value));
const complaint = async () => {
  const error = (await loadConfig(dir).catch((caught: unknown) => caught)) as Error & { evidence: string[] };
  return [error.message, ...(error.evidence ?? [])].join('\n');
};

it('is undefined where there is none', async () => {
  expect(await loadConfig(dir)).toBeUndefined();
});

it('is found from a directory inside the project', async () => {
  json({ kernels: { mine: { extends: 'scx-6.12', set: ['CONFIG_X=y'] } } });
  mkdirSync(join(dir, 'a', 'b'), { recursive: true });
  const loaded = await loadConfig(join(dir, 'a', 'b'));
  expect(loaded?.file).toBe(join(dir, 'devbox.config.json'));
  expect(loaded?.config.kernels?.mine?.set).toEqual(['CONFIG_X=y']);
});

it('may be TypeScript that imports devbox, wherever it lies', async () => {
  const text = `import { defineConfig } from 'devbox';
const name: string = 'mine';
export default defineConfig({ kernels: { [name]: { source: '../linux' } } });`;
  writeFileSync(join(dir, 'devbox.config.ts'), text);
  // Imported by Node itself, as devbox does: vitest has a loader of its own.
  const script = `import { loadConfig } from '${join(import.meta.dirname, 'load-config.ts')}';
console.log(JSON.stringify((await loadConfig(process.argv[1])).config.kernels));`;
  const words = ['--input-type=module', '--eval', script, dir];
  const said = execFileSync(process.execPath, words, { encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual({ mine: { source: '../linux' } });
});

describe('says what is wrong, where, with which value', () => {
  it('an unknown key, and the one that was meant', async () => {
    json({ kernels: { mine: { fragment: ['debug'] } } });
    expect(await complaint()).toContain('kernels.mine: unknown key "fragment". Did you mean "fragments"?');
  });

  it('a wrong type', async () => {
    json({ kernels: { mine: { set: 'CONFIG_X=y' } } });
    expect(await complaint()).toMatch(/kernels\.mine\.set: .*expected array.*not "CONFIG_X=y"/);
  });

  it('a wrong value deep inside', async () => {
    json({ kernels: { mine: { source: { kind: 'tarball', location: 'x', sha256: 'abc' } } } });
    expect(await complaint()).toContain(
      'kernels.mine.source.sha256: a SHA-256 is 64 hexadecimal digits, not "abc"',
    );
  });

  it('a name that cannot be one', async () => {
    json({ kernels: { 'a/b': { source: 'x' } } });
    expect(await complaint()).toContain('letters, digits');
  });

  it('JSON that is none', async () => {
    writeFileSync(join(dir, 'devbox.config.json'), '{ "kernels": ');
    expect(await complaint()).toContain('devbox.config.json is not a valid configuration');
  });

  it('TypeScript that throws or exports nothing', async () => {
    writeFileSync(join(dir, 'devbox.config.ts'), 'export const x = 1;');
    expect(await complaint()).toContain('it has no default export');
  });

  it('two configurations in one directory', async () => {
    json({});
    writeFileSync(join(dir, 'devbox.config.ts'), 'export default {};');
    expect(await complaint()).toContain('holds both');
  });
});

it('is published as a JSON Schema', () => {
  const published = JSON.parse(readFileSync(join(projectRoot, 'devbox.config.schema.json'), 'utf8'));
  expect(published).toEqual(z.toJSONSchema(configSchema, { io: 'input' }));
});
