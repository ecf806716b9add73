import { realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { guestPath, orderShares, parseShare, pathInGuest, type ShareSpec } from '../../core/share-spec.ts';
import { parseSmp } from '../../core/smp.ts';
import { parseBytes } from '../../core/units.ts';
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

const DEFAULT_MEMORY = 2 ** 30;
const MIB = 2 ** 20;

/** Throws `Failure` usage for what cannot be. */
export function guestRequestOf(options: GuestOptions): GuestRequest {
  const cwd = realpathSync(options.cwd ?? process.cwd());
  const shares = sharesOf(options.share ?? [cwd], cwd);
  return {
    ...{ cwd, shares, kernel: options.kernel ?? 'scx' },
    smp: parseSmp(String(options.smp ?? Math.min(4, availableParallelism()))),
    memoryBytes: memoryOf(options.memory),
    workingDirectory: pathInGuest(cwd, shares) ?? shares[0]?.guest ?? '/',
    accel: options.accel ?? 'auto',
    append: options.append ?? [],
    freshBoot: options.freshBoot ?? false,
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    ...{ json: false, quiet: true, debug: false },
  };
}

function sharesOf(texts: readonly string[], cwd: string): ShareSpec[] {
  return orderShares(
    texts.map((text) => {
      const { host, guest, readOnly } = parseShare(text);
      const absolute = resolve(cwd, host);
      return { host: realpathSync(absolute), guest: guest ?? guestPath(absolute), readOnly };
    }),
  );
}

function memoryOf(memory: number | string | undefined): number {
  const bytes = typeof memory === 'string' ? parseBytes(memory) : (memory ?? DEFAULT_MEMORY);
  if (bytes !== undefined && bytes >= 128 * MIB) return Math.ceil(bytes / MIB) * MIB;
  throw new Failure({
    kind: 'usage',
    code: 'bad-memory',
    message: `A guest cannot have "${memory}" of memory.`,
    hint: 'Give bytes, or a size such as 512M; at least 128M.',
  });
}
