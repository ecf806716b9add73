import { appendFileSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isSameProcessAlive, processIdentity } from './process-identity.ts';

/**
 * Which process uses which entries: one file per process, named after it, one entry a line. Nobody has to take it
 * away: a file whose process is gone counts for nothing and is swept by the next collection.
 */
export interface Leases {
  /** Says that this process uses the entry from now on, until it ends. */
  take(entry: string): void;
  /** Entries that living processes use. */
  held(): ReadonlySet<string>;
}

export function openLeases(dir: string): Leases {
  const mine = new Set<string>();
  return {
    take: (entry) => {
      if (mine.has(entry)) return;
      mkdirSync(dir, { recursive: true });
      appendFileSync(join(dir, thisProcess()), `${entry}\n`);
      mine.add(entry);
    },
    held: () => {
      const held = new Set<string>();
      for (const owner of readDirectory(dir)) {
        if (!isAlive(owner)) {
          rmSync(join(dir, owner), { force: true });
          continue;
        }
        for (const entry of readFileSync(join(dir, owner), 'utf8').split('\n')) held.add(entry);
      }
      held.delete('');
      return held;
    },
  };
}

export function readDirectory(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

let name: string | undefined;

/** Names this process for all time on this machine: pid, start time in clock ticks since boot, pid namespace, boot. */
export function thisProcess(): string {
  name ??= [process.pid, processIdentity(process.pid)?.startTime, pidNamespace(), bootId()].join('-');
  return name;
}

/** Whether the process that called itself so still runs. One of another pid namespace cannot be seen: it counts as alive. */
export function isAlive(process: string): boolean {
  const [pid = '', started, namespace, boot] = process.split('-');
  if (boot !== bootId()) return false;
  if (namespace !== pidNamespace()) return true;
  return started !== undefined && isSameProcessAlive({ pid: Number(pid), startTime: started });
}

let namespace: string | undefined;
function pidNamespace(): string {
  namespace ??= /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  return namespace;
}

let boot: string | undefined;
function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').replaceAll('-', '').trim();
  return boot;
}
