import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listLeases } from '../platform/lease.ts';

export interface GuestListing {
  readonly runId: string;
  /** Of the devbox that owns it. */
  readonly pid: number;
  /** QEMU and its file-sharing daemons. */
  readonly children: readonly { readonly pid: number; readonly command: string }[];
  /** The directory of the run's record. */
  readonly record: string;
  /** What was typed. */
  readonly command: string;
}

/** Guests of this user that are running now, oldest first. */
export function listGuests(): GuestListing[] {
  return listLeases()
    .filter(({ alive }) => alive)
    .map(({ runId, owner, children, record }) => ({
      runId,
      pid: owner.pid,
      children: children.map(({ pid }) => ({ pid, command: commandName(pid) })),
      record,
      command: commandLine(owner.pid),
    }))
    .sort((a, b) => a.runId.localeCompare(b.runId));
}

function commandName(pid: number): string {
  return read(pid, 'comm').trim();
}

/** Without the interpreter and the path of our own program. */
function commandLine(pid: number): string {
  const words = read(pid, 'cmdline').split('\0').slice(0, -1);
  return ['devbox', ...words.slice(2)].join(' ');
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(join('/proc', String(pid), file), 'utf8');
  } catch {
    return ''; // It ended between the look and the read.
  }
}
