import { describe, expect, it } from 'vitest';
import { githubAnnotations } from './github.ts';
import { githubSummary } from './github-summary.ts';
import { MIXED, suiteResult, testResult, verdictOf } from './suite-result.fixture.ts';

describe('annotations for GitHub', () => {
  it('are an error for each failure and a warning for what is flaky, each on one line', () => {
    const lines = githubAnnotations(MIXED).split('\n');
    expect(lines.map((line) => line.split('::').slice(0, 2).join('::'))).toEqual([
      '::error file=tests/storm.sh,title=scheduler-ejected%3A tests/storm.sh [scx-6.12%2C smp 4%2C fifo]',
      '::warning file=tests/stall.c,title=flaky%3A tests/stall.c [debian-7.2%2C smp 1%2C no agent]',
      '::error file=tests/fair.ts,title=inconclusive%3A tests/fair.ts [debian-7.2%2C smp 4%2C no agent]',
      '',
    ]);
    expect(lines[0]).toContain('& more.%0Anot ok fork storm › first%0Asched_ext: fifo:');
    expect(lines[1]).toContain('::It failed, then passed at attempt 3.%0Atest-failed: It exited with 1.%0A');
  });

  it('cannot be made to hold another command', () => {
    const verdict = verdictOf('test-failed', '50%\r\n::set-env name=x::y');
    const text = githubAnnotations(
      suiteResult([testResult({ file: 'a,b:c%0A\n::x', outcome: 'failed', verdict })]),
    );
    expect(text.split('\n')).toHaveLength(2);
    expect(text).toContain('file=a%2Cb%3Ac%250A%0A%3A%3Ax,title=');
    expect(text).toContain('::50%25%0A::set-env name=x::y%0A');
  });
});

describe('the summary for GitHub', () => {
  it('is a table of the matrix, and details of what failed or is flaky', () => {
    const summary = githubSummary(MIXED);
    expect(summary).toContain(
      [
        '## devbox test integration: test-failed',
        '',
        'Two of five cases failed. 1 failed, 1 inconclusive, 1 flaky, 1 todo, 1 skipped, 1 passed, 1 min 01 s.',
        '',
        '| kernel | agent | smp 4 | smp 1 |',
        '| --- | --- | --- | --- |',
        '| scx-6.12 | fifo | ❌ 1 failed, 1 todo, 1 passed | – |',
        '| debian-7.2 | none | ⚠️ 1 inconclusive | ⚠️ 1 flaky, 1 skipped |',
      ].join('\n'),
    );
    expect(summary.match(/<summary>.*<\/summary>/g)).toEqual([
      '<summary>scheduler-ejected: tests/storm.sh [scx-6.12, smp 4, fifo]</summary>',
      '<summary>flaky: tests/stall.c [debian-7.2, smp 1, no agent]</summary>',
      '<summary>inconclusive: tests/fair.ts [debian-7.2, smp 4, no agent]</summary>',
    ]);
  });

  it('quotes output in a fence that the output cannot end, with control characters visible', () => {
    const summary = githubSummary(MIXED);
    expect(summary).toContain('````text\n');
    expect(summary).toContain('^[[31mred^[[0m^@ 50% done, ok\nBail out! no\n``` fence | pipe\n````\n');
  });

  it('escapes what Markdown or HTML would take for its own', () => {
    const cell = { kernel: 'a|b<c>*d*', smp: '1' };
    expect(githubSummary(suiteResult([testResult({ cell })]))).toContain('| a\\|b&lt;c&gt;\\*d\\* | none |');
  });

  it('stays below what GitHub accepts', () => {
    const failed = testResult({ outcome: 'failed', output: `${'x'.repeat(2000)}\n`.repeat(100) });
    const summary = githubSummary(suiteResult(Array.from({ length: 50 }, () => failed)));
    expect(Buffer.byteLength(summary)).toBeLessThan(2 ** 20);
    expect(summary).toMatch(/\n… and \d+ more\.\n$/);
  });
});
