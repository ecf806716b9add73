import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';

const SOURCES = new URL('../../native/guest', import.meta.url).pathname;

export interface BuiltGuest extends AsyncDisposable {
  /** The binary. */
  readonly init: string;
  /** A directory for what the tests write; removed with the build. */
  readonly dir: string;
}

/** Compiles PID 1 with the machine's own compiler. */
export async function buildGuest(makeArguments: readonly string[] = []): Promise<BuiltGuest> {
  const dir = await mkdtemp(join(tmpdir(), 'devbox-guest-'));
  await promisify(execFile)('make', [
    '-s',
    '-j2',
    '-C',
    SOURCES,
    `OUT=${join(dir, 'out')}`,
    ...makeArguments,
  ]);
  return {
    init: join(dir, 'out', 'init'),
    dir,
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

export interface HostedGuest extends AsyncDisposable {
  readonly socket: Duplex;
  readonly child: ChildProcess;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** What it wrote to its standard error. */
  stderr(): string;
}

/** Runs PID 1 in hosted mode, on one end of a socket pair. `bulk`: a file in the place of the disk for output in bulk. */
export async function serveGuest(
  guest: BuiltGuest,
  { bulk }: { readonly bulk?: string } = {},
): Promise<HostedGuest> {
  const args = ['--serve', '3', ...(bulk === undefined ? [] : [bulk])];
  const child = spawn(guest.init, args, { cwd: guest.dir, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const socket = child.stdio[3] as Duplex;
  socket.on('error', () => {}); // Told by its close.
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-10_000);
  });
  const exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  await once(child, 'spawn');
  return {
    ...{ socket, child, exited },
    stderr: () => errors,
    [Symbol.asyncDispose]: async () => {
      socket.destroy();
      await exited;
    },
  };
}
