import { isUtf8 } from 'node:buffer';
import { readlinkSync, realpathSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Failure } from '../../core/failure.ts';
import { pathInGuest, quote } from '../../core/share-spec.ts';
import { parseSmp } from '../../core/smp.ts';
import { parseBytes } from '../../core/units.ts';
import { DEFAULT_MEMORY, guestMemory } from '../guest/guest-memory.ts';
import { resolveShares } from '../guest/resolve-shares.ts';
import { checkTimeout } from '../guest/timeout.ts';
import type { GuestRequest } from '../request.ts';

export interface Place {
  /** Where relative paths, devbox.config and the records of runs belong. Default: the current directory. */
  readonly cwd?: string;
}

/** What a guest is to be like; everything has the default that it has on the command line. */
export interface GuestOptions extends Place {
  /** As `--kernel` takes it: `scx`, `scx-6.12`, `debian:7.2.12`, a path. */
  readonly kernel?: string;
  /** vCPUs, or a topology as `--smp` takes it. */
  readonly smp?: number | string;
  /** Bytes, or a size such as `512M`. */
  readonly memory?: number | string;
  /** Directories to show in the guest, as `--share` takes them. Default: `cwd`. Empty: none. */
  readonly share?: readonly string[];
  readonly accel?: 'auto' | 'kvm' | 'tcg';
  /** Words for the kernel's command line. */
  readonly append?: readonly string[];
  /** For the whole run, milliseconds. */
  readonly timeoutMs?: number;
  /** Boot, instead of cloning a guest that was booted before. */
  readonly freshBoot?: boolean;
}

/** Throws `Failure` usage for what cannot be. */
export function guestRequestOf(options: GuestOptions): GuestRequest {
  const cwd = directoryOf(options.cwd);
  const { timeoutMs } = options;
  const shares = resolveShares(options.share, cwd);
  const smp = parseSmp(String(options.smp ?? Math.min(4, availableParallelism())));
  return {
    ...{ cwd, shares, smp, kernel: options.kernel ?? 'scx' },
    memoryBytes: memoryOf(options.memory, smp.cpus),
    workingDirectory: pathInGuest(cwd, shares) ?? shares[0]?.guest ?? '/',
    accel: options.accel ?? 'auto',
    append: options.append ?? [],
    freshBoot: options.freshBoot ?? false,
    ...(timeoutMs !== undefined && { timeoutMs: checkTimeout(timeoutMs) }),
  };
}

/** The real path of a directory, by default the current one. Throws `Failure` usage/bad-directory. */
export function directoryOf(path = process.cwd()): string {
  // Node replaces what is not UTF-8, and a changed name names something else.
  if (path === process.cwd() && !isUtf8(readlinkSync('/proc/self/cwd', { encoding: 'buffer' }))) {
    throw badDirectory(
      `The name of the current directory, ${quote(path)}, is not valid UTF-8.`,
      'Work in a directory whose path is UTF-8.',
    );
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return realpathSync(path);
  throw badDirectory(
    `cwd: ${quote(path)} is not a directory.`,
    'Give the directory that the guest is to work in.',
  );
}

function badDirectory(message: string, hint: string): Failure {
  return new Failure({ kind: 'usage', code: 'bad-directory', message, hint });
}

function memoryOf(memory: number | string = DEFAULT_MEMORY, cpus: number): number {
  const bytes = typeof memory === 'string' ? parseBytes(memory) : memory;
  if (bytes !== undefined) return guestMemory(bytes, cpus);
  throw new Failure({
    kind: 'usage',
    code: 'bad-memory',
    message: `memory: "${memory}" is not a size.`,
    hint: 'Give bytes, or a size such as 512M.',
  });
}
