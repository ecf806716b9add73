import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Failure } from '../../core/failure.ts';
import { describePolicy } from './describe-policy.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'devbox-describe-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function write(text: string, name = 'mine.ts'): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

async function refusal(text: string, name = 'mine.ts'): Promise<Failure> {
  const file = write(text, name);
  const failure: Failure = await describePolicy(file).then(
    () => expect.fail('it was taken'),
    (error) => error,
  );
  expect(failure).toMatchObject({ name: 'Failure', kind: 'usage', hint: expect.stringMatching(/\S/) });
  return failure;
}

const GOOD = `import { choice, count, definePolicy, duration } from 'devbox/policy';
export default definePolicy({
  summary: 'One',
  params: {
    minGranularity: duration('How long at least', { default: '1ms' }),
    depth: count('How deep', { default: 3, max: 10 }),
    order: choice('Which first', { of: ['lifo', 'fifo'], default: 'fifo' }),
  },
  create: ({ run, params }) => ({ taskRunnable: (task: number) => run(task, -1, params.minGranularity) }),
});
`;
const policy = (members: string) => `export default { summary: 'One', ${members} };\n`;

describe('describePolicy', () => {
  it('says what a policy is, with its parameters as flags', async () => {
    const described = await describePolicy(write(GOOD));
    expect(described).toMatchObject({ summary: 'One', description: [], promises: {} });
    expect(described.flags.map(({ name, kind, defaultText }) => [name, kind, defaultText])).toEqual([
      ['min-granularity', 'duration', '1ms'],
      ['depth', 'count', '3'],
      ['order', 'choice', 'fifo'],
    ]);
  });

  it('takes JavaScript, and is not confused by what the file prints', async () => {
    const file = write(
      "console.log('{}');\nconsole.error('x');\nexport default { summary: 'A', create() {} };",
      'a.mjs',
    );
    expect((await describePolicy(file)).summary).toBe('A');
  });

  it.each<[what: string, text: string, code: string, says: RegExp, shows?: string]>([
    [
      'does not parse',
      'const a: number = 1;\nlet b = ;\n',
      'policy-syntax',
      /mine\.ts:2:9: Expression expected\.$/,
      'let b = ;',
    ],
    [
      'uses TypeScript that has to be compiled',
      '\nenum X { A }\n',
      'policy-syntax',
      /mine\.ts:2:1: TypeScript enum/,
      'enum X { A }',
    ],
    [
      'imports a name that is not there',
      "import { definePolice } from 'devbox/policy';\n",
      'policy-syntax',
      /mine\.ts:1:10: .*definePolice/,
      "import { definePolice } from 'devbox/policy';",
    ],
    [
      'imports a file that is not there',
      "\nimport { a } from './nowhere.ts';\nexport default a;\n",
      'policy-import',
      /mine\.ts:2:22: there is no file \S+nowhere\.ts/,
      "import { a } from './nowhere.ts';",
    ],
    [
      'imports a package that is not there',
      "import a from 'nothing-like-it';\nexport default a;\n",
      'policy-import',
      /mine\.ts:1:16: there is no package nothing-like-it/,
    ],
    [
      'throws',
      "const f = () => {\n  throw new RangeError('no');\n};\nf();\n",
      'policy-throws',
      /mine\.ts:2:9 throws when it is imported: RangeError: no$/,
      "  throw new RangeError('no');",
    ],
    [
      'throws by a mistake in a parameter',
      "import { duration } from 'devbox/policy';\nduration('x', { default: '1s', max: '5 parsecs' });\n",
      'policy-throws',
      /mine\.ts:2:1 throws .*"5 parsecs" is not a duration/,
    ],
    ['throws what is no error', 'throw 3;\n', 'policy-throws', /mine\.ts throws when it is imported: 3$/],
    [
      'parses something else badly',
      "JSON.parse('{');\n",
      'policy-throws',
      /mine\.ts:1:6 throws .* SyntaxError/,
    ],
    [
      'exports nothing',
      'export const policy = 1;\n',
      'policy-no-default',
      /mine\.ts has no default export\.$/,
    ],
    [
      'exports a function',
      '\nexport default () => 1;\n',
      'bad-policy',
      /mine\.ts:2: its default export is a function, not/,
    ],
    ['exports null', 'export default null;\n', 'bad-policy', /its default export is null, not/],
    ['has no create', policy(''), 'bad-policy', /mine\.ts:1: its default export has no create\.$/],
    ['has no summary', 'export default { create() {} };\n', 'bad-policy', /no summary/],
    [
      'has a member too many',
      policy('create() {}, descripton: []'),
      'bad-policy',
      /"descripton", .* Did you mean "description"\?$/,
    ],
    [
      'has a parameter of its own making',
      policy('create() {}, params: { slice: 5 }'),
      'bad-policy',
      /parameter "slice" is none that duration/,
    ],
    [
      'has a parameter that is a flag already',
      `import { count } from 'devbox/policy';\n${policy("create() {}, params: { ring: count('x', { default: 1 }) }")}`,
      'bad-policy',
      /"ring" would be --ring, which every policy has/,
    ],
    [
      'has a default out of range',
      `import { count } from 'devbox/policy';\n${policy("create() {}, params: { n: count('x', { default: 9, max: 3 }) }")}`,
      'bad-policy',
      /"n" has a default that it does not take itself: --n takes a number from 0 to 3, not "9"/,
    ],
    [
      'awaits for ever',
      'await new Promise(() => {});\n',
      'policy-hangs',
      /awaits something that never comes/,
    ],
    ['exits', 'process.exit(3);\n', 'policy-exits', /ends the process with exit code 3/],
  ])('refuses a file that %s', async (_, text, code, says, shows) => {
    const failure = await refusal(text);
    expect(failure).toMatchObject({ code, message: expect.stringMatching(says) });
    if (shows !== undefined) expect(failure.evidence[0]).toBe(shows);
  });

  it('names the mistake in a file that the policy imports', async () => {
    write('let x = ;\n', 'queue.ts');
    const failure = await refusal("import './queue.ts';\n");
    expect(failure.message).toMatch(/queue\.ts:1:9/);
  });

  it('ends a file that loops when it is imported', async () => {
    const file = write('for (;;);\n');
    await expect(describePolicy(file, { limitMs: 500 })).rejects.toMatchObject({
      kind: 'usage',
      code: 'policy-hangs',
      message: `${file} was not imported within 500 ms.`,
    });
  });

  it('names what was meant when there is no such file', async () => {
    write(GOOD);
    await expect(describePolicy(join(dir, 'mien.ts'))).rejects.toMatchObject({
      code: 'policy-missing',
      hint: `Did you mean ${join(dir, 'mine.ts')}?`,
    });
    await expect(describePolicy(dir)).rejects.toMatchObject({ code: 'policy-not-a-file' });
  });
});
