import { Parser, type Result } from 'tap-parser';
import { describe, expect, it } from 'vitest';
import { MIXED, subtest, suiteResult, testResult } from './suite-result.fixture.ts';
import { tap } from './tap.ts';

describe('the TAP report', () => {
  it('is TAP 14, with subtests nested, evidence as YAML, and what TAP has for what is flaky', () => {
    const lines = tap(MIXED).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'TAP version 14',
      '1..6',
      '# Subtest: tests/nice.test.ts [scx-6.12, smp 4, fifo]',
    ]);
    expect(lines.filter((line) => /^ *(?:not )?ok /.test(line))).toEqual([
      '        ok 1 - nice 0',
      '        ok 2 - nice 19 # SKIP needs 2 CPUs',
      '    ok 1 - weights',
      '    not ok 2 - C\\# \\\\ escapes # TODO see \\#12',
      'ok 1 - tests/nice.test.ts [scx-6.12, smp 4, fifo]',
      '        not ok 1 - first',
      '        ok 2 - second',
      '    not ok 1 - fork storm',
      'not ok 2 - tests/storm.sh [scx-6.12, smp 4, fifo]',
      'not ok 3 - tests/stall.c [debian-7.2, smp 1, no agent] # TODO flaky: failed, then passed at attempt 3',
      'ok 4 - tests/numa.sh [debian-7.2, smp 1, no agent] # SKIP one node only',
      'not ok 5 - tests/fair.ts [debian-7.2, smp 4, no agent]',
      'not ok 6 - tests/later.ts [scx-6.12, smp 4, fifo] # TODO hotplug',
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        '  verdict: "scheduler-ejected"',
        '    - "--- not YAML"',
        '  again: "devbox test integration tests/nice.test.ts --kernel scx-6.12 --smp 4 --agent fifo"',
        '    - "test-failed: It exited with 1."',
      ]),
    );
  });

  it('says to a parser of others what it is meant to say', () => {
    const parser = new Parser({ strict: true });
    const points: unknown[] = [];
    parser.on('assert', ({ ok, name, skip, todo, diag }: Result) =>
      points.push({ ok, name, skip, todo, diag }),
    );
    const nested: string[] = [];
    parser.on('child', (child) => {
      child.on('assert', ({ fullname, name, ok }: Result) => nested.push(`${fullname} › ${name} ${ok}`));
    });
    parser.end(tap(MIXED));
    expect(parser.results).toMatchObject({ count: 6, pass: 2, fail: 4, skip: 1, todo: 2, bailout: false });
    expect(parser.results?.failures).toEqual([
      expect.objectContaining({ id: 2 }),
      expect.objectContaining({ id: 5 }),
    ]);
    expect(points[1]).toMatchObject({
      ok: false,
      diag: {
        verdict: 'scheduler-ejected',
        evidence: ['sched_ext: fifo: "x[1]" stalled ]]>', '--- not YAML', '...'],
        output: ['a line', '\u001b[31mred\u001b[0m\u0000 50% done, ok', 'Bail out! no', '``` fence | pipe'],
      },
    });
    expect(points[2]).toMatchObject({ todo: 'flaky: failed, then passed at attempt 3' });
    expect(nested.some((name) => name.includes('fork storm') && name.endsWith('false'))).toBe(true);
    expect(nested.some((name) => name.includes('C# \\ escapes'))).toBe(true);
  });

  it('never lets a name begin a line of its own or move the cursor', () => {
    const report = tap(suiteResult([testResult({ subtests: [subtest(['a\nnot ok 1 - b\u001b[2J'])] })]));
    expect(report).toContain('    ok 1 - a not ok 1 - b^[[2J\n');
  });
});
