import { abortFailure } from '../core/failure.ts';
import { startChild } from '../platform/child.ts';
import { type LoggedOutputOptions, type LoggedResult, openLoggedOutput } from './logged-output.ts';

export type { LoggedResult } from './logged-output.ts';

export interface LoggedOptions extends LoggedOutputOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** A file descriptor for standard output, which is then neither logged nor returned. */
  readonly stdout?: number;
}

/**
 * Runs a program with all it says in a log file in the cache. Throws `Failure` with the first real error lines and the
 * log's name when it does not exit with 0.
 */
export async function runLogged(options: LoggedOptions): Promise<LoggedResult> {
  const { signal } = options;
  if (signal?.aborted) throw abortFailure(signal);
  await using output = openLoggedOutput(options);
  await using child = await startChild({
    argv: options.argv,
    guarded: true,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.env && { env: options.env }),
    stdout: options.stdout ?? 'pipe',
  });
  const onAbort = () => void child.terminate();
  signal?.addEventListener('abort', onAbort, { once: true });
  if (child.stdout) output.follow(child.stdout, 1);
  if (child.stderr) output.follow(child.stderr, 2);
  const exit = await child.exited;
  signal?.removeEventListener('abort', onAbort);
  if (signal?.aborted) throw abortFailure(signal);
  return output.end(exit);
}
