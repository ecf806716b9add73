import { realpathSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Failure } from '../../core/failure.ts';
import { pathInGuest } from '../../core/share-spec.ts';
import { parseSmp } from '../../core/smp.ts';
import { parseBytes } from '../../core/units.ts';
import { DEFAULT_MEMORY, guestMemory } from '../guest/guest-memory.ts';
import { resolveShares } from '../guest/resolve-shares.ts';
import type { GuestRequest } from '../request.ts';

/** What a guest is to be like; everything has the default that it has on the command line. */
export interface GuestOptions {
  /** As `--kernel` takes it: `scx`, `scx-6.12`, `debian:7.2.12`, a path. */
  readonly kernel?: string;
  /** vCPUs, or a topology as `--smp` takes it. */
  readonly smp?: number | string;
  /** Bytes, or a size such as `512M`. */
  readonly memory?: number | string;
  /** Directories to show in the guest, as `--share` takes them. Default: `cwd`. Empty: none. */
  readonly share?: readonly string[];
  /** Where relative paths, devbox.config and the record of the run belong. Default: the current directory. */
  readonly cwd?: string;
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
  const cwd = directory(options.cwd ?? process.cwd());
  const shares = resolveShares(options.share, false, cwd);
  const smp = parseSmp(String(options.smp ?? Math.min(4, availableParallelism())));
  return {
    ...{ cwd, shares, smp, kernel: options.kernel ?? 'scx' },
    memoryBytes: memoryOf(options.memory, smp.cpus),
    workingDirectory: pathInGuest(cwd, shares) ?? shares[0]?.guest ?? '/',
    accel: options.accel ?? 'auto',
    append: options.append ?? [],
    freshBoot: options.freshBoot ?? false,
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    ...{ json: false, quiet: true, debug: false },
  };
}

function directory(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return realpathSync(path);
  throw new Failure({
    kind: 'usage',
    code: 'bad-directory',
    message: `cwd: ${path} is not a directory.`,
    hint: 'Give the directory that the guest is to work in.',
  });
}

function memoryOf(memory: number | string = DEFAULT_MEMORY, cpus: number): number {
  const bytes = typeof memory === 'string' ? parseBytes(memory) : memory;
  if (bytes !== undefined) return guestMemory(bytes, cpus, `memory: ${memory}`);
  throw new Failure({
    kind: 'usage',
    code: 'bad-memory',
    message: `memory: "${memory}" is not a size.`,
    hint: 'Give bytes, or a size such as 512M.',
  });
}
