import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';

export const DEVBOX = resolve(import.meta.dirname, '../../devbox');

export interface DevboxOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Uint8Array;
  /** Run as this program and its arguments, as `setpriv` for another user. */
  readonly under?: readonly string[];
}

export interface DevboxResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stdoutBytes: Buffer;
  readonly stderr: string;
}

/** Runs the real `./devbox` as a user would, to its end. */
export async function devbox(args: readonly string[], options: DevboxOptions = {}): Promise<DevboxResult> {
  return startDevbox(args, options).result;
}

export interface StartedDevbox {
  readonly process: ChildProcess;
  readonly result: Promise<DevboxResult>;
  /** Resolves when what has been printed on either stream contains the text. */
  seen(text: string): Promise<void>;
}

export function startDevbox(args: readonly string[], options: DevboxOptions = {}): StartedDevbox {
  const [file = DEVBOX, ...before] = [...(options.under ?? []), DEVBOX];
  const child = spawn(file, [...before, ...args], {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {}); // It may end without reading.
  child.stdin.end(options.input ?? '');
  const streams = new EventTarget();
  const collect = (stream: Readable) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      streams.dispatchEvent(new Event('data'));
    });
    return () => Buffer.concat(chunks);
  };
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const result = (async (): Promise<DevboxResult> => {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    streams.dispatchEvent(new Event('data'));
    const stdoutBytes = stdout();
    return {
      code,
      signal,
      stdoutBytes,
      stdout: stdoutBytes.toString('utf8'),
      stderr: stderr().toString('utf8'),
    };
  })();
  const seen = (text: string) =>
    new Promise<void>((done, fail) => {
      const look = () => {
        if (stdout().includes(text) || stderr().includes(text)) done();
        else if (child.exitCode !== null)
          fail(
            new Error(`devbox ended before it printed ${JSON.stringify(text)}:\n${stdout()}\n${stderr()}`),
          );
      };
      streams.addEventListener('data', look);
      look();
    });
  return { process: child, result, seen };
}

/** A directory of its own to run devbox in; removed when disposed of. */
export function temporaryDirectory(prefix = 'devbox-test-'): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), prefix));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The record of the newest run in `cwd`. */
export function latestRecord(cwd: string): {
  readonly dir: string;
  readonly result: Record<string, unknown>;
  read(file: string): string;
} {
  const runs = join(cwd, '.devbox', 'runs');
  const id = readdirSync(runs)
    .filter((name) => /^\d/.test(name))
    .sort()
    .at(-1);
  const dir = join(runs, id ?? 'none');
  const read = (file: string) => readFileSync(join(dir, file), 'utf8');
  return { dir, read, result: JSON.parse(read('result.json')) };
}
