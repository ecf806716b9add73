import { existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EventSink } from '../../core/event-bus.ts';
import { Failure } from '../../core/failure.ts';
import { createEventFiles } from './event-files.ts';
import { linkLatest } from './latest-link.ts';
import type { RunRequestInfo, RunResultInfo } from './run-info.ts';

export interface RunRecord {
  /** Absolute. */
  readonly dir: string;
  readonly sink: EventSink;
  /** Writes `result.json`. Never throws: a full disk has been reported by then. */
  finish(result: RunResultInfo): void;
  /** Keeps a text that helps to find a bug of devbox, `crash.log`. */
  writeCrash(text: string): string;
  /** Removes the record: nothing was run. */
  discard(): void;
}

export interface RunRecordOptions {
  /** `…/.devbox/runs` */
  readonly runsDir: string;
  readonly info: RunRequestInfo;
  /** Told once when the record can no longer be written; recording has stopped by then. */
  readonly onFailure: (failure: Failure) => void;
}

/** Room kept for `result.json`, so that a run that filled the disk can still say so. */
const RESERVE_BYTES = 64 * 1024;

/** Makes `RUNS/ID/` (0700) and records events into it. Throws `Failure` host/record-unwritable or disk-full. */
export function createRunRecord({ runsDir, info, onFailure }: RunRecordOptions): RunRecord {
  const dir = join(runsDir, info.runId);
  const reserve = join(dir, '.reserve');
  try {
    makeDirectories(runsDir, dir);
  } catch (error) {
    removeIfOnlyOurs(runsDir);
    throw recordFailure(dir, error);
  }
  try {
    mkdirSync(join(dir, 'streams'), { mode: 0o700 });
    writeFileSync(join(dir, 'request.json'), `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 });
    writeFileSync(reserve, Buffer.alloc(RESERVE_BYTES, 1));
    linkLatest(runsDir, info.runId);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    removeIfOnlyOurs(runsDir);
    throw recordFailure(dir, error);
  }
  const files = createEventFiles(dir);
  let broken = false;
  const guarded = (work: () => void) => {
    if (broken) return;
    try {
      work();
    } catch (error) {
      broken = true;
      onFailure(recordFailure(dir, error));
    }
  };
  return {
    dir,
    sink: (event) => guarded(() => files.append(event)),
    finish: (result) => {
      files.close();
      rmSync(reserve, { force: true });
      try {
        writeFileSync(join(dir, 'result.json'), `${JSON.stringify(result, null, 2)}\n`, { mode: 0o600 });
      } catch {
        // Not even the reserve was enough. The run shows as interrupted, and the user has been told why.
      }
    },
    writeCrash: (text) => {
      const path = join(dir, 'crash.log');
      guarded(() => writeFileSync(path, text, { mode: 0o600 }));
      return path;
    },
    discard: () => {
      files.close();
      rmSync(dir, { recursive: true, force: true });
      linkLatest(runsDir);
      removeIfOnlyOurs(runsDir);
    },
  };
}

function makeDirectories(runsDir: string, dir: string): void {
  const top = dirname(runsDir);
  makeDirectory(top);
  const ignore = join(top, '.gitignore');
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
  makeDirectory(runsDir);
  // Never into a record that is there already.
  mkdirSync(dir, { mode: 0o700 });
}

/** One by one: a recursive mkdir never returns where the file system says ENOENT to everything, as /proc does. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Takes `.devbox` away again when nothing but what `makeDirectories` put there is in it. */
function removeIfOnlyOurs(runsDir: string): void {
  try {
    rmdirSync(runsDir);
    const top = dirname(runsDir);
    rmSync(join(top, '.gitignore'), { force: true });
    rmdirSync(top);
  } catch {
    // Something of value is still in there.
  }
}

function recordFailure(dir: string, error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new Failure({
    kind: full ? 'infrastructure' : 'host',
    code: full ? 'disk-full' : 'record-unwritable',
    message: full
      ? `The disk is full: the run's record in ${dir} cannot be written.`
      : `The run's record cannot be written to ${dir}: ${message}.`,
    hint: full
      ? 'Free some space (`devbox gc` removes unused artifacts, .devbox/runs holds old records), then run again.'
      : 'Run devbox in a directory that you can write to.',
    cause: error,
  });
}
