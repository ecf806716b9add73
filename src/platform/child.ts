import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ProcessExit } from '../core/event.ts';
import { abortFailure, Failure } from '../core/failure.ts';
import { findProgram } from './find-program.ts';

/** How a standard stream of a child is connected; a number is a file descriptor of ours. */
export type ChildStdio = 'ignore' | 'pipe' | number;

export interface ChildOptions {
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: ChildStdio;
  readonly stdout?: ChildStdio;
  readonly stderr?: ChildStdio;
  /** For a program with helpers that would not all die with it: see `guarded`. Its standard input is empty. */
  readonly guarded?: boolean;
}

/**
 * A shell's script that runs a program with one more process in its group, which waits for the end of a pipe that devbox
 * holds, and then ends the group: however and whenever devbox died, nothing of it is left. The kernel ends only what has
 * already asked to die with its parent; bubblewrap's init has not while it waits for bubblewrap to begin, and takes no
 * SIGTERM.
 */
export function guarded(signal: 'TERM' | 'KILL'): string {
  return `exec 3<&0; { cat <&3; kill -${signal} 0; } >/dev/null 2>&1 & exec "$@" 3<&- </dev/null`;
}

export interface Child extends AsyncDisposable {
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Resolves when the process has ended and its pipes are closed. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** SIGTERM to the process group; SIGKILL after five seconds. */
  terminate(): Promise<ProcessExit>;
  /** SIGKILL to the process group, now. */
  kill(): Promise<ProcessExit>;
}

const GRACE_MS = 5000;

/**
 * Starts a program in a process group of its own that dies with devbox, however devbox dies: `setpriv --pdeathsig`
 * asks the kernel for that. Throws `Failure` host/command-missing when the program cannot be found.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const [name = '', ...args] = options.argv;
  const program = findProgram(name, options.env?.PATH ?? process.env.PATH);
  if (program === undefined) throw commandMissing(name);
  const setpriv = findProgram('setpriv');
  const command = options.guarded
    ? ['/bin/sh', '-c', guarded('KILL'), name, program, ...args]
    : [program, ...args];
  const [file = '', ...fullArgs] = setpriv ? [setpriv, '--pdeathsig', 'KILL', '--', ...command] : command;
  const child = spawn(file, fullArgs, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: [
      options.guarded ? 'pipe' : (options.stdin ?? 'ignore'),
      options.stdout ?? 'pipe',
      options.stderr ?? 'pipe',
    ],
    detached: true,
  });
  if (options.guarded) child.stdin?.on('error', () => {}); // The guard may be killed before the pipe is closed.
  await spawned(child, program);
  return wrap(child);
}

async function spawned(child: ChildProcess, program: string): Promise<void> {
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new Failure({
      kind: 'infrastructure',
      code: 'spawn-failed',
      message: `Cannot start ${program}: ${(cause as Error).message}.`,
      cause,
    });
  }
}

function commandMissing(name: string): Failure {
  return new Failure({
    kind: 'host',
    code: 'command-missing',
    message: `The program "${name}" is not installed.`,
    hint: 'Run `devbox doctor` to see what is missing and `devbox setup` to install it.',
  });
}

function wrap(child: ChildProcess): Child {
  const pid = child.pid as number;
  const exited = new Promise<ProcessExit>((resolve) => {
    child.on('close', (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
  });
  let gone = false;
  let ending = false;
  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal);
    } catch {
      // The group is gone already.
    }
  };
  child.on('exit', () => {
    gone = true;
    // Members of the group may outlive its leader: bubblewrap's child is the init of its namespace, and such a one takes
    // no SIGTERM. They keep the group's number from being given away, and our pipes open.
    if (ending) signalGroup('SIGKILL');
  });
  // Once nobody is left of the group its number may belong to someone else.
  const signalLiving = (signal: NodeJS.Signals) => {
    if (!gone) signalGroup(signal);
  };
  const kill = () => {
    ending = true;
    signalLiving('SIGKILL');
    return exited;
  };
  const terminate = async () => {
    ending = true;
    signalLiving('SIGTERM');
    const timer = setTimeout(() => signalLiving('SIGKILL'), GRACE_MS);
    try {
      return await exited;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    terminate,
    kill,
    [Symbol.asyncDispose]: async () => {
      await terminate();
    },
  };
}

export interface RunChildOptions extends ChildOptions {
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal;
  readonly onOutput?: (chunk: Buffer, fd: 1 | 2) => void;
}

export interface ChildResult {
  readonly exit: ProcessExit;
  /** The last MiB of what it wrote. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. A non-zero exit is a result, not an error; an abort ends the process group and throws. */
export async function runChild(options: RunChildOptions): Promise<ChildResult> {
  const { signal } = options;
  if (signal?.aborted) throw abortFailure(signal);
  await using child = await startChild({
    ...options,
    stdin: options.input === undefined ? (options.stdin ?? 'ignore') : 'pipe',
  });
  const onAbort = () => void child.terminate();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const stdout = collect(child.stdout, 1, options.onOutput);
    const stderr = collect(child.stderr, 2, options.onOutput);
    if (options.input !== undefined && child.stdin) {
      child.stdin.on('error', () => {}); // The child may end without reading it all: its exit says what that means.
      child.stdin.end(options.input);
    }
    const exit = await child.exited;
    if (signal?.aborted) throw abortFailure(signal);
    return { exit, stdout: stdout(), stderr: stderr() };
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

const KEEP_BYTES = 2 ** 20;

function collect(stream: Readable | null, fd: 1 | 2, onOutput: RunChildOptions['onOutput']): () => string {
  let chunks: Buffer[] = [];
  let bytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    onOutput?.(chunk, fd);
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > 2 * KEEP_BYTES) {
      chunks = [Buffer.concat(chunks).subarray(-KEEP_BYTES)];
      bytes = KEEP_BYTES;
    }
  });
  return () => Buffer.concat(chunks).subarray(-KEEP_BYTES).toString('utf8');
}
