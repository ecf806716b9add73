import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DevboxEvent } from '../../core/event.ts';
import type { Failure } from '../../core/failure.ts';
import { findRun } from './find-run.ts';
import { readEvents, readRunEntry } from './read-record.ts';
import type { RunRequestInfo, RunResultInfo } from './run-info.ts';
import { createRunRecord } from './run-record.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'devbox-record-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const info = (runId: string): RunRequestInfo => ({
  schema: 1,
  runId,
  startedAt: '2026-11-20T10:15:30.000Z',
  command: ['run', 'fifo'],
  useCase: 'run',
  cwd: '/',
  request: {},
  versions: { devbox: '0', node: '0' },
  process: { pid: 2 ** 22 + 1, startTime: '1' },
});
const result = (runId: string): RunResultInfo => ({
  ...info(runId),
  finishedAt: '2026-11-20T10:15:31.000Z',
  durationMs: 1000,
  exitCode: 0,
  verdict: { kind: 'passed', summary: '', evidence: [], findings: [] },
});
const ID = '20261120-101530-a1b2';
const runsDir = () => join(home, '.devbox', 'runs');
const create = (id = ID, onFailure: (failure: Failure) => void = () => {}) =>
  createRunRecord({ runsDir: runsDir(), info: info(id), onFailure });

const EVENTS: readonly DevboxEvent[] = [
  { t: 0, type: 'run-started', schema: 1, runId: ID, startedAt: '', devbox: '0', command: ['run', 'fifo'] },
  { t: 1, type: 'console-line', text: 'a line \u2028 of one' },
  { t: 2, type: 'guest-output', stream: 'agent-stdout', fd: 1, data: Buffer.from('agent') },
  { t: 3, type: 'guest-output', stream: 'workload', fd: 1, data: Buffer.from([0, 255, 10]) },
  { t: 4, type: 'guest-output', stream: 'workload', fd: 2, data: Buffer.from('error') },
  { t: 5, type: 'guest-output', stream: 'workload', fd: 1, data: Buffer.from('more') },
];
const read = async (dir: string) => {
  const events: DevboxEvent[] = [];
  for await (const event of readEvents(dir)) events.push(event);
  return events;
};

describe('a run record', () => {
  it('gives back the events it was given, bytes and all', async () => {
    const record = create();
    for (const event of EVENTS) record.sink(event);
    record.finish(result(ID));
    expect(await read(record.dir)).toEqual(EVENTS);
    expect(readFileSync(join(record.dir, 'streams/workload-stdout'))).toEqual(
      Buffer.from([0, 255, 10, ...Buffer.from('more')]),
    );
    expect(readFileSync(join(record.dir, 'console.log'), 'utf8')).toBe('a line \u2028 of one\n');
    expect((await readRunEntry(runsDir(), ID)).state).toMatchObject({
      kind: 'finished',
      result: { exitCode: 0 },
    });
  });

  it('is for its owner only, out of version control, and the latest', () => {
    const record = create();
    expect(statSync(record.dir).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(home, '.devbox/.gitignore'), 'utf8')).toBe('*\n');
    expect(readlinkSync(join(runsDir(), 'latest'))).toBe(ID);
  });

  it('leaves nothing behind when nothing was run', () => {
    create().discard();
    expect(existsSync(join(home, '.devbox'))).toBe(false);
    const kept = create();
    create('20261120-101531-0000').discard();
    expect(readlinkSync(join(runsDir(), 'latest'))).toBe(ID);
    expect(existsSync(kept.dir)).toBe(true);
  });

  it('can be read up to its last event when devbox was killed', async () => {
    const record = create();
    for (const event of EVENTS) record.sink(event);
    await new Promise((resolve) => setImmediate(resolve));
    appendFileSync(join(record.dir, 'events.ndjson'), '{"t":6,"type":"con');
    expect(await read(record.dir)).toEqual(EVENTS);
    expect((await readRunEntry(runsDir(), ID)).state).toEqual({ kind: 'interrupted' });
  });

  it('says what is wrong with it when it was damaged', async () => {
    const record = create();
    for (const event of EVENTS) record.sink(event);
    record.finish(result(ID));
    truncateSync(join(record.dir, 'streams/workload-stdout'), 4);
    await expect(read(record.dir)).rejects.toMatchObject({
      code: 'record-damaged',
      message: expect.stringContaining('shorter'),
    });
    appendFileSync(join(record.dir, 'events.ndjson'), 'nonsense\n');
    truncateSync(join(record.dir, 'streams/workload-stdout'), 4000);
    await expect(read(record.dir)).rejects.toMatchObject({
      message: expect.stringContaining('line 7 of events.ndjson'),
    });
  });

  it('does not believe a length that no stream can have', async () => {
    const record = create();
    const stored = { t: 1, type: 'guest-output', stream: 'workload', fd: 1, offset: 0, length: 1e15 };
    appendFileSync(join(record.dir, 'events.ndjson'), `${JSON.stringify(stored)}\n`);
    await expect(read(record.dir)).rejects.toMatchObject({ code: 'record-damaged' });
  });

  it('reports a full disk once, stops recording and still writes the result', async () => {
    const failures: Failure[] = [];
    const record = create(ID, (failure) => failures.push(failure));
    symlinkSync('/dev/full', join(record.dir, 'events.ndjson'));
    for (const event of EVENTS) record.sink(event);
    await new Promise((resolve) => setImmediate(resolve));
    for (const event of EVENTS) record.sink(event);
    record.finish(result(ID));
    expect(failures.map(({ code }) => code)).toEqual(['disk-full']);
    expect((await readRunEntry(runsDir(), ID)).state.kind).toBe('finished');
  });

  it('is never written into a record that is there already', async () => {
    const record = create();
    for (const event of EVENTS) record.sink(event);
    record.finish(result(ID));
    expect(() => create()).toThrow(expect.objectContaining({ code: 'record-unwritable' }));
    expect(await read(record.dir)).toEqual(EVENTS);
  });

  it('cannot be where nobody can write, and says so', () => {
    const options = { runsDir: '/proc/.devbox/runs', info: info(ID), onFailure: () => {} };
    expect(() => createRunRecord(options)).toThrow(
      expect.objectContaining({ kind: 'host', code: 'record-unwritable' }),
    );
  });
});

describe('finding a run', () => {
  it('takes an id, a part of one that only one has, and latest', () => {
    create();
    create('20261120-101531-c3d4');
    expect(findRun(runsDir(), ID)).toBe(ID);
    expect(findRun(runsDir(), 'a1b2')).toBe(ID);
    expect(findRun(runsDir(), '20261120-101531')).toBe('20261120-101531-c3d4');
    expect(findRun(runsDir(), 'latest')).toBe('20261120-101531-c3d4');
  });

  it('names the nearest when there is none, and asks when there are several', () => {
    expect(() => findRun(runsDir(), 'latest')).toThrow('There are no runs in this directory.');
    create();
    create('20261120-101531-c3d4');
    expect(() => findRun(runsDir(), '20261120-101530-a1b3')).toThrow(`Did you mean "${ID}"?`);
    expect(() => findRun(runsDir(), '2026')).toThrow('"2026" stands for 2 runs.');
  });
});
