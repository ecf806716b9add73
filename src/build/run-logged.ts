import { createWriteStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { ProcessExit } from '../core/event.ts';
import { abortFailure, Failure, type FailureKind } from '../core/failure.ts';
import { shellWord } from '../core/shell-word.ts';
import { startChild } from '../platform/child.ts';
import { cacheDir } from '../platform/paths.ts';
import { diskFull } from '../platform/store-disk-full.ts';
import { collectErrorLines } from './error-lines.ts';
import { splitLines } from './split-lines.ts';

export interface LoggedOptions {
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Becomes part of the log's file name. */
  readonly name: string;
  /** What is being done, for the error: `Compiling the guest's init`. */
  readonly title: string;
  readonly signal?: AbortSignal | undefined;
  /** Whole lines as they come, of standard output and standard error. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** A file descriptor for standard output, which is then neither logged nor returned. */
  readonly stdout?: number;
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

const KEEP_LOGS = 50;
const KEEP_OUTPUT = 2 ** 20;

/**
 * The program's helpers do not all die with it. So one more process, in the same group, waits for the end of a pipe
 * that devbox holds, and then ends the group: however devbox died, nothing is left.
 */
const GUARDED = 'exec 3<&0; { cat <&3; kill -TERM 0; } >/dev/null 2>&1 & exec "$@" 3<&- </dev/null';

/**
 * Runs a program with all it says in a log file in the cache. Throws `Failure` with the first real error lines and the
 * log's name when it does not exit with 0.
 */
export async function runLogged(options: LoggedOptions): Promise<LoggedResult> {
  const { signal } = options;
  if (signal?.aborted) throw abortFailure(signal);
  await using log = openLog(options);
  const errors = collectErrorLines();
  let stdout = Buffer.alloc(0);
  let isDiskFull = false;

  await using child = await startChild({
    argv: ['sh', '-c', GUARDED, options.name, ...options.argv],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.env && { env: options.env }),
    stdin: 'pipe',
    stdout: options.stdout ?? 'pipe',
  });
  const onAbort = () => void child.terminate();
  signal?.addEventListener('abort', onAbort, { once: true });
  child.stdin?.on('error', () => {}); // The guard may be killed before we close the pipe.
  const splitters = [child.stdout, child.stderr].map((stream) => {
    const splitter = splitLines((line) => {
      errors.add(line);
      isDiskFull ||= /No space left on device|Disk quota exceeded/.test(line);
      options.onLine?.(line);
    });
    stream?.on('data', (chunk: Buffer) => {
      log.write(chunk);
      splitter.add(chunk);
      if (stream === child.stdout) stdout = Buffer.concat([stdout, chunk]).subarray(-KEEP_OUTPUT);
    });
    return splitter;
  });
  const exit = await child.exited;
  signal?.removeEventListener('abort', onAbort);
  child.stdin?.end();
  for (const splitter of splitters) splitter.end();
  if (signal?.aborted) throw abortFailure(signal);
  if (exit.code === 0) return { stdout: stdout.toString('utf8'), log: log.file };
  if (isDiskFull) throw diskFull(options.writesTo?.dir ?? cacheDir(), options.writesTo?.needs);
  throw failed(options, exit, errors.lines(), log.file);
}

function failed(
  options: LoggedOptions,
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

function openLog({ name, argv }: LoggedOptions) {
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
  return {
    file,
    write: (chunk: Buffer) => void stream.write(chunk),
    [Symbol.asyncDispose]: async () => {
      stream.end();
      await finished(stream).catch(() => {});
    },
  };
}
