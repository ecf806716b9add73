import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { runtimeDir } from './paths.ts';
import { isSameProcessAlive, type ProcessIdentity, processIdentity } from './process-identity.ts';

/**
 * A run's claim on this machine: a private directory for its sockets, and a list of the processes it has started. Its
 * name says whose it is, so that the next start can tell a dead run's leftovers from a live run.
 */
export interface Lease extends Disposable {
  readonly dir: string;
  /** Remembers a child, so that the next start ends it should we be killed before we can. */
  addChild(pid: number): void;
  /** Remembers a file outside of `dir` that is to be made, so that the next start removes it. */
  addFile(path: string): void;
}

export interface LeaseInfo {
  readonly dir: string;
  readonly runId: string;
  readonly owner: ProcessIdentity;
  readonly alive: boolean;
  readonly children: readonly ProcessIdentity[];
  /** The directory of the run's record. */
  readonly record: string;
}

/** Longest path that fits `sockaddr_un`, less the longest file name we use. */
const MAX_SOCKET_DIR = 107 - '/guest.sock'.length;

export function takeLease(options: { readonly runId: string; readonly record: string }): Lease {
  const self = processIdentity(process.pid);
  const dir = join(runtimeDir(), `${process.pid}-${self?.startTime ?? 0}-${options.runId}`);
  if (Buffer.byteLength(dir) > MAX_SOCKET_DIR) {
    throw new Failure({
      kind: 'host',
      code: 'socket-path-too-long',
      message: `The path for sockets is too long for the kernel (${Buffer.byteLength(dir)} bytes): ${dir}.`,
      hint: 'Set XDG_RUNTIME_DIR to a directory with a shorter path.',
    });
  }
  mkdirSync(dir, { mode: 0o700 });
  writeFileSync(join(dir, 'record'), options.record);
  return {
    dir,
    addChild: (pid) => {
      const child = processIdentity(pid);
      if (child) appendFileSync(join(dir, 'children'), `${child.pid} ${child.startTime}\n`);
    },
    addFile: (path) => appendFileSync(join(dir, 'files'), `${path}\n`),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Every lease on this machine that belongs to this user, of live runs and of dead ones. */
export function listLeases(): LeaseInfo[] {
  const root = runtimeDir();
  return readdirSync(root).flatMap((name) => {
    const match = /^(\d+)-(\d+)-(.+)$/.exec(name);
    if (!match) return [];
    const owner = { pid: Number(match[1]), startTime: match[2] as string };
    const dir = join(root, name);
    return [
      {
        dir,
        runId: match[3] as string,
        owner,
        alive: isSameProcessAlive(owner),
        children: readChildren(dir),
        record: readText(join(dir, 'record')),
      },
    ];
  });
}

/** Ends what runs left behind whose devbox was killed, and removes their directories. Returns what it found. */
export function sweepDeadLeases(): LeaseInfo[] {
  const dead = listLeases().filter((lease) => !lease.alive);
  for (const lease of dead) {
    for (const child of lease.children) {
      if (isSameProcessAlive(child)) killGroup(child.pid);
    }
    for (const file of readText(join(lease.dir, 'files')).split('\n')) {
      if (file !== '') rmSync(file, { force: true });
    }
    rmSync(lease.dir, { recursive: true, force: true });
  }
  return dead;
}

/** Children lead process groups of their own (see `startChild`). */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended between the look and the kill.
  }
}

function readChildren(dir: string): ProcessIdentity[] {
  return readText(join(dir, 'children'))
    .split('\n')
    .flatMap((line) => {
      const [pid, startTime] = line.split(' ');
      return pid !== undefined && startTime !== undefined ? [{ pid: Number(pid), startTime }] : [];
    });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
