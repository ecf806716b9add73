import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import { didYouMean } from '../core/nearest.ts';
import { listLeases } from '../platform/lease.ts';

export interface GuestListing {
  /** Of a test's guest the run's and the guest's number: `20261120-215806-3e9a.2`. */
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
      children: children
        .map(({ pid }) => ({ pid, command: commandName(pid) }))
        .filter(({ command }) => command !== ''),
      record,
      command: commandLine(owner.pid),
    }))
    .sort((a, b) => a.runId.localeCompare(b.runId));
}

/**
 * The directory with the sockets of a guest that runs now: by its id, the beginning of that when it fits one only, or
 * `latest`. Throws `Failure` usage/no-such-guest.
 */
export function findGuest(id: string): { readonly runId: string; readonly dir: string } {
  const alive = listLeases()
    .filter((lease) => lease.alive)
    .sort((a, b) => a.runId.localeCompare(b.runId));
  const exact = alive.find(({ runId }) => runId === id);
  const fitting = id === 'latest' ? alive.slice(-1) : alive.filter(({ runId }) => runId.startsWith(id));
  const found = exact ?? (fitting.length === 1 ? fitting[0] : undefined);
  if (found) return found;
  const ids = alive.map(({ runId }) => runId);
  throw new Failure({
    kind: 'usage',
    code: 'no-such-guest',
    message:
      fitting.length > 1
        ? `${fitting.length} guests that run now begin with "${id}": ${fitting.map(({ runId }) => runId).join(', ')}.`
        : `No guest "${id}" is running.${didYouMean(id, ids)}`,
    hint: '`devbox ps` lists those that do.',
  });
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
