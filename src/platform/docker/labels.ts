import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { currentUser } from '../current-user.ts';
import { thisProcess } from '../store-lease.ts';

/** Docker labels by which devbox knows what it made, and which devbox made it. */
export const LABEL = {
  machine: 'devbox.machine',
  user: 'devbox.user',
  /** The process, as `thisProcess` names it; on what lives no longer than that. */
  owner: 'devbox.owner',
  /** SHA-256 over what an image was built from. */
  context: 'devbox.context',
  /** JSON: an image's packages that can change a byte of what is built, and their versions. */
  packages: 'devbox.packages',
  /** What a volume holds: `work DIRECTORY`, for what would lie there on this machine, or the key of an input. */
  holds: 'devbox.holds',
} as const;

let machine: string | undefined;

/** Tells this machine from the others that use the same daemon, without telling who it is. */
export function machineLabel(): string {
  machine ??= createHash('sha256').update(`devbox\0${machineId()}\0${hostname()}`).digest('hex').slice(0, 32);
  return machine;
}

function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** For what is kept. */
export function ownLabels(): Record<string, string> {
  return { [LABEL.machine]: machineLabel(), [LABEL.user]: String(currentUser().uid) };
}

/** For what ends with this process. */
export function passingLabels(): Record<string, string> {
  return { ...ownLabels(), [LABEL.owner]: thisProcess() };
}

/** Whether something kept at a daemon is this user's devboxes' on this machine: Podman's filters are not to be trusted with that. */
export function isOwn(labels: Readonly<Record<string, string>> | null | undefined): boolean {
  return Object.entries(ownLabels()).every(([name, value]) => labels?.[name] === value);
}

/** For the API's `filters`. */
export function labelFilter(labels: Readonly<Record<string, string>>): { label: string[] } {
  return { label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) };
}
