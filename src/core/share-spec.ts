import { posix } from 'node:path';
import { Failure } from './failure.ts';

/** What `--share` says, before the host directory has been looked at. */
export interface ShareText {
  readonly host: string;
  /** Undefined: the same path as on the host. */
  readonly guest?: string;
  readonly readOnly: boolean;
}

/** A host directory seen in the guest. Both paths are absolute and normalised. */
export interface ShareSpec {
  readonly host: string;
  readonly guest: string;
  readonly readOnly: boolean;
}

/** Directories the guest cannot do without. A share on top of one would hide it. */
const TAKEN = [
  '/',
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/lib',
  '/lib32',
  '/lib64',
  '/opt/devbox',
  '/proc',
  '/run',
];
const TAKEN_TOO = [
  '/sbin',
  '/sys',
  '/usr',
  '/usr/bin',
  '/usr/lib',
  '/usr/sbin',
  '/usr/local',
  '/usr/local/bin',
  '/var',
];
const TAKEN_BELOW = ['/dev', '/proc', '/sys', '/opt/devbox'];

/**
 * `DIR[:GUEST][:ro|:rw]`. GUEST is what follows the last `:/`, so a colon elsewhere in a name is part of it.
 * Throws `Failure` usage/bad-share.
 */
export function parseShare(text: string): ShareText {
  let rest = text;
  let readOnly = false;
  const mode = /:(ro|rw)$/.exec(rest);
  if (mode) {
    readOnly = mode[1] === 'ro';
    rest = rest.slice(0, -3);
  }
  const colon = rest.lastIndexOf(':/');
  const host = colon === -1 ? rest : rest.slice(0, colon);
  const guest = colon === -1 ? undefined : rest.slice(colon + 1);
  if (host === '') throw badShare(`--share ${quote(text)} names no directory.`);
  if (text.includes('\0')) throw badShare('A share cannot have a NUL byte in its name.');
  return guest === undefined ? { host, readOnly } : { host, guest: guestPath(guest), readOnly };
}

/** Normalises where a share appears in the guest; refuses places that the guest itself needs. */
export function guestPath(path: string): string {
  const normal = posix.normalize(path).replace(/(?<=.)\/+$/, '');
  const below = TAKEN_BELOW.some((taken) => normal.startsWith(`${taken}/`));
  if (below || TAKEN.includes(normal) || TAKEN_TOO.includes(normal)) {
    throw badShare(
      `A share cannot be put at ${quote(normal)}: the guest's own files are there.`,
      'Put it elsewhere, as in --share DIR:/mnt, or share nothing with --no-share.',
    );
  }
  return normal;
}

/** Orders shares so that mounting them one after the other hides none; two at one place are refused. */
export function orderShares(shares: readonly ShareSpec[]): ShareSpec[] {
  const seen = new Map<string, ShareSpec>();
  for (const share of shares) {
    const other = seen.get(share.guest);
    if (other) {
      throw badShare(
        `${quote(other.host)} and ${quote(share.host)} cannot both be at ${quote(share.guest)} in the guest.`,
        'Give one of them another place, as in --share DIR:/mnt.',
      );
    }
    seen.set(share.guest, share);
  }
  return shares.toSorted((a, b) => a.guest.length - b.guest.length);
}

/** Where a host path (absolute, symbolic links resolved) is seen in the guest; undefined when no share holds it. */
export function pathInGuest(hostPath: string, shares: readonly ShareSpec[]): string | undefined {
  const holding = shares
    .filter(({ host }) => isInside(hostPath, host))
    .sort((a, b) => b.host.length - a.host.length)[0];
  return holding && posix.join(holding.guest, posix.relative(holding.host, hostPath));
}

function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}

/** A path for people: JSON quoting makes newlines, quotes and trailing blanks visible. */
export function quote(path: string): string {
  return JSON.stringify(path);
}

export function badShare(message: string, hint?: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'bad-share',
    message,
    hint: hint ?? 'A share is DIR[:GUEST][:ro], as in --share . or --share /data:/mnt:ro.',
  });
}
