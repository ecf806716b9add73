import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedDump, chunks, reportWriter } from './report.ts';

const LIMIT = 64 * 1024;
const lineBytes = (report: unknown) => Buffer.byteLength(`${JSON.stringify(report)}\n`);

describe('reportWriter', () => {
  it('writes one line of JSON for each report to the descriptor', () => {
    const dir = mkdtempSync(join(tmpdir(), 'devbox-report-'));
    const path = join(dir, 'reports');
    const fd = openSync(path, 'w');
    const report = reportWriter({ DEVBOX_REPORT_FD: String(fd) });
    report({ type: 'a', text: 'line\nbreak' });
    report({ type: 'b' });
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe('{"type":"a","text":"line\\nbreak"}\n{"type":"b"}\n');
    rmSync(dir, { recursive: true });
  });

  it('is silent without a descriptor, with nonsense and when nobody reads', () => {
    for (const fd of [undefined, 'x', '-1', '9999']) {
      const report = reportWriter(fd === undefined ? {} : { DEVBOX_REPORT_FD: fd });
      report({ type: 'a' });
      report({ type: 'b' });
    }
  });
});

describe('boundedDump', () => {
  it('leaves a dump that fits as it is', () => {
    expect(boundedDump('CPU states\n')).toEqual({ dump: 'CPU states\n' });
  });

  it('cuts what is longer than 32 Ki characters, or grows too much as JSON, and says so', () => {
    const long = boundedDump('x'.repeat(40_000));
    expect(long.dump.length).toBe(32 * 1024);
    expect(long.dumpTruncated).toBe(true);
    const escaped = boundedDump('\u0001'.repeat(32 * 1024));
    expect(escaped.dumpTruncated).toBe(true);
    expect(lineBytes({ type: 'scheduler-exit', message: 'm'.repeat(2000), ...escaped })).toBeLessThan(LIMIT);
  });
});

describe('chunks', () => {
  it('gives nothing for nothing', () => {
    expect([...chunks('')]).toEqual([]);
  });

  it('splits any text into parts that fit a report and are the text again', () => {
    const piece = fc.oneof(fc.constant('\u0000'), fc.constant('\u{1F600}'), fc.constant('é'), fc.string());
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 20 }),
        fc.integer({ min: 1, max: 20_000 }),
        (pieces, times) => {
          const text = pieces.join('').repeat(times).slice(0, 400_000);
          const parts = [...chunks(text)];
          expect(parts.join('')).toBe(text);
          for (const part of parts)
            expect(lineBytes({ type: 'verifier-log', part: 99, text: part })).toBeLessThan(LIMIT);
        },
      ),
      { numRuns: 30 },
    );
  });
});
