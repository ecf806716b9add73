import type { ReadEntry } from 'tar';
import { formatBytes } from '../../core/units.ts';

export interface TarLimits {
  readonly members: number;
  /** Of all files together, bytes. */
  readonly bytes: number;
}

/** Four times what a kernel comes to. */
export const KERNEL_LIMITS: TarLimits = { members: 500_000, bytes: 8e9 };

export interface TarMembers {
  /** What is wrong with a member, or undefined. */
  check(entry: ReadEntry): string | undefined;
  /** The newest member's time, seconds since the epoch. */
  newest(): number;
  /** The name of the one directory at the top. */
  top(): string;
}

type Kind = 'file' | 'directory' | 'symlink' | 'hardlink';

const KINDS: Readonly<Record<string, Kind>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'directory',
  SymbolicLink: 'symlink',
  Link: 'hardlink',
};

/**
 * Holds the members of an archive to what a source consists of: files, directories and links among them, below one
 * directory at the top. Nothing that passes can have an effect outside the directory it is unpacked into.
 */
export function tarMembers(limits: TarLimits): TarMembers {
  const seen = new Map<string, Kind>();
  let top: string | undefined;
  let bytes = 0;
  let newest = 0;

  const check = (entry: ReadEntry): string | undefined => {
    const kind = KINDS[entry.type];
    if (!kind) return `is a ${entry.type}, not a file, a directory or a link`;
    const parts = partsOf(entry.path);
    if (typeof parts === 'string') return parts;
    if (((entry.mode ?? 0) & 0o6000) !== 0) return 'has a set-user-id or set-group-id bit';
    const needed = kind === 'directory' ? 0o700 : 0o400;
    const isOpen = kind === 'symlink' || ((entry.mode ?? 0) & needed) === needed;
    if (!isOpen) return 'could not be read by its owner';
    if (parts.length === 0 && kind === 'directory') return undefined;
    top ??= parts[0];
    if (parts[0] !== top) return `lies beside "${top}": an archive of a source has one directory at its top`;
    if (parts.length === 1 && kind !== 'directory' && parts[0] !== undefined)
      return 'lies at the top, in no directory';
    const path = parts.join('/');
    const before = seen.get(path);
    if (before && !(before === 'directory' && kind === 'directory')) return 'comes twice';
    const through = parts.slice(0, -1).findIndex((_, index) => {
      const above = seen.get(parts.slice(0, index + 1).join('/'));
      return above !== undefined && above !== 'directory';
    });
    if (through >= 0) return `lies below "${parts.slice(0, through + 1).join('/')}", which is no directory`;
    const wrongLink = checkLink(kind, parts, entry.linkpath ?? '', seen);
    if (wrongLink) return wrongLink;
    bytes += entry.size;
    if (bytes > limits.bytes) return `brings the archive to more than ${formatBytes(limits.bytes)}`;
    seen.set(path, kind);
    if (seen.size > limits.members) return `is one of more than ${limits.members} members`;
    newest = Math.max(newest, Math.floor((entry.mtime?.getTime() ?? 0) / 1000));
    return undefined;
  };
  return { check, newest: () => newest, top: () => top ?? '' };
}

function partsOf(path: string): string[] | string {
  if (path.startsWith('/')) return 'has an absolute path';
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? 'has ".." in its path' : parts;
}

function checkLink(
  kind: Kind,
  parts: readonly string[],
  target: string,
  seen: ReadonlyMap<string, Kind>,
): string | undefined {
  if (kind === 'symlink') return leadsOut(parts, target) ? `is a link to "${target}", outside` : undefined;
  if (kind !== 'hardlink') return undefined;
  const to = partsOf(target);
  const isFile = typeof to !== 'string' && seen.get(to.join('/')) === 'file';
  return isFile ? undefined : `is a hard link to "${target}", which is no file of the archive before it`;
}

/**
 * A link may climb as far as the directory that is stripped leaves it. It may not climb again after it has gone down: what it
 * goes through could be a link itself.
 */
function leadsOut(parts: readonly string[], target: string): boolean {
  if (target === '' || target.startsWith('/')) return true;
  const steps = target.split('/').filter((step) => step !== '' && step !== '.');
  const down = steps.findIndex((step) => step !== '..');
  const climbs = down < 0 ? steps.length : down;
  return climbs > parts.length - 2 || steps.slice(climbs).includes('..');
}
