import { Readable } from 'node:stream';
import { tap } from 'node:test/reporters';
import { describe, expect, it } from 'vitest';
import { shown } from './parse-text.fixture.ts';
import { TapParser } from './tap-parser.ts';

/** What node's own reporter makes of events as `node --test` sends them. */
async function reported(events: readonly { type: string; data: object }[]) {
  const parser = new TapParser();
  const chunks = tap(Readable.from(events) as unknown as Parameters<typeof tap>[0]);
  for await (const chunk of chunks) parser.push(String(chunk));
  return parser.end();
}

function event(type: string, nesting: number, data: object) {
  return { type: `test:${type}`, data: { nesting, file: 'a.test.js', line: 1, column: 1, ...data } };
}

describe("the TAP of node's test runner", () => {
  it('gives nested subtests with their times and errors', async () => {
    const details = { duration_ms: 1.5, type: 'test' };
    const error = Object.assign(new Error('1 == 2'), {
      code: 'ERR_TEST_FAILURE',
      failureType: 'testCodeFailure',
    });
    const result = await reported([
      event('start', 0, { name: 'outer' }),
      event('start', 1, { name: 'first # \\' }),
      event('pass', 1, { name: 'first # \\', testNumber: 1, details }),
      event('start', 1, { name: 'second' }),
      event('fail', 1, { name: 'second', testNumber: 2, details: { ...details, error } }),
      event('diagnostic', 1, { message: 'TAP version 13 is what it prints' }),
      event('plan', 1, { count: 2 }),
      event('fail', 0, { name: 'outer', testNumber: 1, details: { ...details, error } }),
      event('pass', 0, { name: 'gone', testNumber: 2, details, skip: 'no device' }),
      event('fail', 0, { name: 'later', testNumber: 3, details: { ...details, error }, todo: true }),
      event('plan', 0, { count: 3 }),
      event('diagnostic', 0, { message: 'tests 5' }),
    ]);
    expect(result.problems).toEqual([]);
    expect(shown(result)).toEqual([
      'outer › first # \\: passed',
      'outer › second: failed',
      'gone: skipped (no device)',
      'later: todo',
    ]);
    expect(result.subtests[0]?.ms).toBe(1.5);
    expect(result.subtests[1]?.diagnostics.join('\n')).toContain('1 == 2');
  });
});
