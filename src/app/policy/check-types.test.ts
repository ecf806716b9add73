import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkTypes, readDiagnostics } from './check-types.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'devbox-check-types-')));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const POLICY = `import { definePolicy, duration } from 'devbox/policy';
export default definePolicy({
  summary: 'One',
  params: { slice: duration('How long', { default: '5ms' }) },
  create: ({ run, params }) => ({
    taskRunnable: (task) => run(task, 0, params.slice),
  }),
});
`;

function write(name: string, text: string): string {
  const file = join(dir, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

describe('checkTypes', () => {
  it('has nothing to say of a policy that is right, without a tsconfig.json and without node_modules', async () => {
    expect(await checkTypes(write('good.ts', POLICY))).toEqual([]);
  });

  it('names a callback that does not exist and a parameter that was not declared', async () => {
    const file = write(
      'bad.ts',
      POLICY.replace('taskRunnable', 'taskRunable').replace('params.slice', 'params.slise'),
    );
    const mistakes = await checkTypes(file);
    expect(mistakes?.[0]?.message).toMatch(/Property 'taskRunnable' is missing/);
    expect(mistakes?.at(-1)).toMatchObject({
      place: `${file}:6:48`,
      message: expect.stringMatching(/^TS2551: Property 'slise' does not exist .* Did you mean 'slice'/),
    });
  });

  it('goes by the tsconfig.json above the file, whatever else that one includes', async () => {
    write(
      'loose/tsconfig.json',
      '{ "compilerOptions": { "strict": false, "module": "nodenext", "types": ["node"] } }',
    );
    write('loose/other.ts', 'const wrong: number = "text";\n');
    const loose = `${POLICY}\nexport function f(x) { return x; }\n`;
    expect(await checkTypes(write('loose/deep/mine.ts', loose))).toEqual([]);
    expect(await checkTypes(write('strict.ts', loose))).toHaveLength(1);
  });

  it('leaves JavaScript alone', async () => {
    expect(await checkTypes(write('plain.mjs', POLICY.replace('params.slice', 'params.slise')))).toEqual([]);
  });
});

describe('readDiagnostics', () => {
  it('keeps complaints about the configuration, and what belongs to each', () => {
    const output =
      'error TS5023: Unknown option.\na.ts(1,2): error TS1: One.\n  Two.\n    Three.\nsomething else\n';
    expect(readDiagnostics(output, '/x')).toEqual([
      { message: 'TS5023: Unknown option.', details: [] },
      { place: '/x/a.ts:1:2', message: 'TS1: One.', details: ['Two.', '  Three.'] },
    ]);
  });
});
