import { createWriteStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ProcessExit } from '../core/event.ts';
import { Failure, type FailureKind } from '../core/failure.ts';
import { shellWord } from '../core/shell-word.ts';
import { cacheDir } from '../platform/paths.ts';
import { diskFull } from '../platform/store-disk-full.ts';
import { collectErrorLines } from './error-lines.ts';
import { splitLines } from './split-lines.ts';

export interface LoggedOutputOptions {
  readonly argv: readonly string[];
  /** Becomes part of the log's file name. */
  readonly name: string;
  /** What is being done, for the error: `Compiling the guest's init`. */
  readonly title: string;
  /** Whole lines as they come, of standard output and standard error. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Where a full disk would be, and the room that all of it takes, bytes: named in that error. */
  readonly writesTo?: { readonly dir: string; readonly needs?: number };
  readonly failure?: {
    readonly kind?: FailureKind;
    readonly code?: string;
    /** What to do next, chosen by the lines that would be quoted. */
    readonly hint?: (lines: readonly string[]) => string | undefined;
  };
}

export interface LoggedResult {
  /** The last MiB of standard output. */
  readonly stdout: string;
  readonly log: string;
}

/** What a build step says, wherever it runs: a log in the cache, its lines, and the few of them worth quoting. */
export interface LoggedOutput extends AsyncDisposable {
  readonly log: string;
  /** Reads a stream to its end, no faster than the log can be written. */
  follow(stream: Readable, fd: 1 | 2): void;
  /** Takes a piece of output. False: the log is behind, and `whenWritten` says when it is not any more. */
  add(chunk: Buffer, fd: 1 | 2): boolean;
  whenWritten(then: () => void): void;
  /** How the step ended: its result when that is exit code 0, else throws the `Failure` that it stands for. */
  end(exit: ProcessExit): LoggedResult;
  /** The lines that say what went wrong. */
  evidence(): readonly string[];
}

const KEEP_LOGS = 50;
const KEEP_OUTPUT = 2 ** 20;

export function openLoggedOutput(options: LoggedOutputOptions): LoggedOutput {
  const log = openLog(options);
  const errors = collectErrorLines();
  const stdout = keepLast(KEEP_OUTPUT);
  let isDiskFull = false;
  const onLine = (line: string) => {
    errors.add(line);
    isDiskFull ||= /No space left on device|Disk quota exceeded/.test(line);
    options.onLine?.(line);
  };
  const splitters = { 1: splitLines(onLine), 2: splitLines(onLine) };

  const add = (chunk: Buffer, fd: 1 | 2) => {
    splitters[fd].add(chunk);
    if (fd === 1) stdout.add(chunk);
    return log.stream.write(chunk);
  };
  const whenWritten = (then: () => void) => {
    if (log.stream.destroyed || !log.stream.writableNeedDrain) return then();
    const go = () => {
      for (const event of EVENTS) log.stream.off(event, go);
      then();
    };
    // A log that cannot be written any more must not hold the build up.
    const EVENTS = ['drain', 'close'] as const;
    for (const event of EVENTS) log.stream.on(event, go);
  };
  return {
    log: log.file,
    add,
    whenWritten,
    follow: (stream, fd) => {
      stream.on('data', (chunk: Buffer) => {
        if (add(chunk, fd)) return;
        stream.pause();
        whenWritten(() => stream.resume());
      });
    },
    end: (exit) => {
      for (const splitter of Object.values(splitters)) splitter.end();
      if (exit.code === 0) return { stdout: stdout.text(), log: log.file };
      const { dir = cacheDir(), needs } = options.writesTo ?? {};
      if (isDiskFull) throw diskFull(dir, needs);
      throw failed(options, exit, errors.lines(), log.file);
    },
    evidence: () => errors.lines(),
    [Symbol.asyncDispose]: async () => {
      log.stream.end();
      await finished(log.stream).catch(() => {});
    },
  };
}

function failed(
  options: LoggedOutputOptions,
  exit: ProcessExit,
  evidence: readonly string[],
  log: string,
): Failure {
  const how = exit.signal === undefined ? `exit code ${exit.code}` : exit.signal;
  const hint = options.failure?.hint?.(evidence);
  return new Failure({
    kind: options.failure?.kind ?? 'build',
    code: options.failure?.code ?? 'build-failed',
    message: `${options.title} failed with ${how}.`,
    evidence,
    ...(hint !== undefined && { hint }),
    log,
  });
}

let serial = 0;

function openLog({ name, argv }: LoggedOutputOptions) {
  const dir = join(cacheDir(), 'logs');
  mkdirSync(dir, { recursive: true });
  const logs = readdirSync(dir).sort();
  for (const old of logs.slice(0, Math.max(0, logs.length - KEEP_LOGS)))
    rmSync(join(dir, old), { force: true });
  serial += 1;
  const time = new Date().toISOString().replaceAll(':', '-');
  const file = join(dir, `${time}-${process.pid}-${serial}-${name}.log`);
  const stream = createWriteStream(file);
  stream.on('error', () => {}); // A log that cannot be written must not hide what it would have said.
  stream.write(`$ ${argv.map(shellWord).join(' ')}\n`);
  return { file, stream };
}

/** The last bytes of a stream, at a cost that does not grow with the number of pieces. */
function keepLast(limit: number) {
  let chunks: Buffer[] = [];
  let bytes = 0;
  return {
    add: (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= 2 * limit) return;
      chunks = [Buffer.concat(chunks).subarray(-limit)];
      bytes = limit;
    },
    text: () => Buffer.concat(chunks).subarray(-limit).toString('utf8'),
  };
}
