import { describe, expect, it } from 'vitest';
import { prettyLines } from './pretty.ts';
import { MIXED, subtest, suiteResult, testResult, verdictOf } from './suite-result.fixture.ts';

const AGAIN = '  again  devbox test integration tests/nice.test.ts --kernel scx-6.12 --smp 4 --agent fifo';

describe('the report for people', () => {
  const text = prettyLines(MIXED)
    .map((line) => line.text)
    .join('\n');

  it('shows of a failure the evidence, subtests, output, console, hint and the command for just that', () => {
    expect(text).toContain(
      [
        'failed: tests/storm.sh [scx-6.12, smp 4, fifo]',
        '  scheduler-ejected: The scheduler was ejected: <runnable task stall> & more.',
        '    │ sched_ext: fifo: "x[1]" stalled ]]>',
        '    │ --- not YAML',
        '    │ ...',
        '    kernel warning: WARNING: at kernel/x.c:1',
        '    hint: Look for a lost task.',
        '  not ok fork storm › first',
        '    │ expected 1, 2',
        '    │ ---',
        '  output',
        '  │ a line',
        '  │ \u001b[31mred\u001b[0m\u0000 50% done, ok',
        '  │ Bail out! no',
        '  │ ``` fence | pipe',
        "  the kernel's console meanwhile",
        '  │ [    1.0] sched_ext: disabled',
        AGAIN,
      ].join('\n'),
    );
  });

  it('shows why something is flaky', () => {
    expect(text).toContain(
      [
        'flaky: tests/stall.c [debian-7.2, smp 1, no agent]',
        '  failed, then passed at attempt 3',
        '  test-failed: It exited with 1.',
        '  guest-hang: It hung.',
        AGAIN,
      ].join('\n'),
    );
  });

  it('ends with the matrix, the counts and the verdict; what passed is only counted', () => {
    expect(text).toMatch(/skipped: tests\/numa\.sh \[debian-7\.2, smp 1, no agent\]: one node only\n/);
    expect(text.split('\n').slice(-7)).toEqual([
      '',
      'kernel      agent  smp 4                       smp 1',
      'scx-6.12    fifo   1 failed, 1 todo, 1 passed  –',
      'debian-7.2  none   1 inconclusive              1 flaky, 1 skipped',
      '',
      '1 failed, 1 inconclusive, 1 flaky, 1 todo, 1 skipped, 1 passed, 1 min 01 s',
      'test-failed: Two of five cases failed.',
    ]);
    expect(text).not.toContain('tests/nice.test.ts [');
  });

  it('is good, bad or a warning, by row of the matrix', () => {
    const tones = (outcome: 'passed' | 'flaky' | 'failed') =>
      prettyLines(suiteResult([testResult({ outcome })], { verdict: verdictOf('passed') })).at(-4)?.tone;
    expect([tones('passed'), tones('flaky'), tones('failed')]).toEqual(['good', 'warning', 'bad']);
  });

  it('has no line break in a line, and no end of diagnostics', () => {
    const diagnostics = Array.from({ length: 50 }, (_, index) => `line ${index}`);
    const failed = testResult({
      outcome: 'failed',
      verdict: verdictOf('test-failed'),
      subtests: [subtest(['a'], { outcome: 'failed', diagnostics })],
      output: 'one\r\ntwo\n\nthree\n',
    });
    const shown = prettyLines(suiteResult([failed])).map((line) => line.text);
    expect(shown.filter((line) => /[\r\n]/.test(line))).toEqual([]);
    expect(shown.filter((line) => line.startsWith('    │ line'))).toHaveLength(30);
    expect(shown).toEqual(expect.arrayContaining(['    │ … 20 more lines', '  │ one', '  │ ', '  │ three']));
  });
});
