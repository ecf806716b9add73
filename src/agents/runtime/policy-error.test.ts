import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PolicyError, policyFrames } from './policy-error.ts';

function thrown(stack: unknown): Error {
  return Object.defineProperty(new Error('no'), 'stack', { value: stack });
}

const OURS = join(import.meta.dirname, 'policy-driver.ts');

describe('where a policy failed', () => {
  it('is the innermost place that is neither ours nor of Node', () => {
    const frames = policyFrames(
      thrown(
        [
          'Error: no at /nowhere.ts:1:1',
          `    at Driver.#run (file://${OURS}:10:3)`,
          '    at Array.map (<anonymous>)',
          '    at node:internal/modules:1:2',
          '    at helper (file:///home/me/my%20queue.ts?version=2:4:9)',
          '    at file:///home/me/policy.ts:12:5',
          '    at Object.taskRunnable (/home/me/policy.ts:30:7)',
          '    at x (/home/me/node_modules/lib/index.js:3:3)',
        ].join('\n'),
      ),
    );
    expect(frames).toEqual([
      { file: '/home/me/my queue.ts', line: 4, column: 9 },
      { file: '/home/me/policy.ts', line: 12, column: 5 },
      { file: '/home/me/policy.ts', line: 30, column: 7 },
    ]);
  });

  it('may be one of our policies', () => {
    const file = join(import.meta.dirname, '../policies/fifo.ts');
    expect(policyFrames(thrown(`Error\n    at fill (file://${file}:50:7)`))).toEqual([
      { file, line: 50, column: 7 },
    ]);
  });

  it.each([
    ['no error', 'a text'],
    ['an error without a stack', thrown(undefined)],
    ['a stack of something else', thrown({ line: 3 })],
    ['a place that is none', thrown('Error\n    at x (file:///%zz:1:1)')],
  ])('is unknown for %s', (_, cause) => {
    expect(policyFrames(cause)).toEqual([]);
    expect(new PolicyError({ during: 'schedule()', cause }).message).toContain(
      'The policy failed in schedule():',
    );
  });

  it('is bounded, however long the stack and the message are', () => {
    const long = thrown(`Error\n${'    at a (/home/me/policy.ts:1:1)\n'.repeat(100_000)}`);
    expect(new PolicyError({ during: 'create()', cause: long }).evidence.length).toBeLessThan(20);
    const talkative = new PolicyError({ during: 'create()', cause: new Error('x'.repeat(1e6)) });
    expect(talkative.message.length).toBeLessThan(2000);
  });

  it('is as typed, for Node strips types in place', () => {
    const dir = mkdtempSync(join(tmpdir(), 'devbox-test-'));
    try {
      const file = join(dir, 'policy.ts');
      writeFileSync(
        file,
        'interface A {\n  b: number;\n}\nexport const f = (a: A): never => { throw new Error(String(a.b)); };\n',
      );
      const script = `import { f } from ${JSON.stringify(file)};
        import { PolicyError } from ${JSON.stringify(join(import.meta.dirname, 'policy-error.ts'))};
        try { f({ b: 1 }); } catch (cause) { console.log(JSON.stringify(new PolicyError({ during: 'x', cause }).location)); }`;
      const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        encoding: 'utf8',
      });
      expect(JSON.parse(said)).toEqual({ file, line: 4, column: 43 });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
