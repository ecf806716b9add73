import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { runChild } from '../../platform/child.ts';
import { freeBytes, requireFree } from '../../platform/store-disk-full.ts';
import { isAlive, thisProcess } from '../../platform/store-lease.ts';
import { runLogged } from '../run-logged.ts';
import { debootstrapArgs } from './debootstrap-args.ts';
import { debootstrapMode } from './debootstrap-mode.ts';
import type { ImageDescription } from './package-list.ts';

export interface DebootstrapOptions {
  readonly name: 'build-root' | 'guest-root' | 'base-image';
  /** The Debian release; the one that images/ builds on unless told. */
  readonly suite?: string;
  readonly image: ImageDescription;
  /** An archive file of this name is written. */
  readonly archive: string;
  /** What unpacking it takes in the temporary directory, bytes. */
  readonly needs: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress: (detail: string) => void;
}

/** Files of the roots get this time, 2025-01-01: the same packages give the same archive. */
export const ROOT_TIME = 1_735_689_600;

/** Makes a Debian root as a tar archive in which everything belongs to whom it should, without being root. */
export async function debootstrap(options: DebootstrapOptions): Promise<void> {
  const mode = debootstrapMode();
  const temporary = temporaryRoot(options.needs);
  await sweepDead(mode);
  mkdirSync(temporary, { mode: 0o755 });
  const [program = '', ...args] = debootstrapArgs(options.image, mode, options.suite);
  try {
    await runLogged({
      // The shell opens the archive, so that in a user namespace it belongs to the user all the same.
      argv: [
        'sh',
        '-c',
        'umask 022; archive=$1; shift; exec "$@" >"$archive"',
        program,
        options.archive,
        program,
        ...args,
      ],
      name: options.name,
      title: `Making the ${options.name.replace('-', ' ')} from Debian's packages`,
      cwd: '/',
      env: { ...process.env, TMPDIR: temporary, LC_ALL: 'C.UTF-8', SOURCE_DATE_EPOCH: String(ROOT_TIME) },
      signal: options.signal,
      onLine: (line) => {
        const step = /^I: (running apt-get update|downloading|extracting|installing|creating).*/.exec(line);
        if (step) options.progress(line.slice('I: '.length).replace(/\.\.\.$/, ''));
      },
      writesTo: { dir: dirname(temporary), needs: options.needs },
      failure: { code: `${options.name}-failed`, hint: mirrorHint },
    });
  } finally {
    await removeForeign(temporary, mode);
  }
}

/** What to do about apt's complaints. */
export function mirrorHint(lines: readonly string[]): string | undefined {
  const text = lines.join('\n');
  if (/resolv|[Cc]ould not connect|[Uu]nable to connect|refused|timed out|unreachable/.test(text)) {
    return "Debian's mirror could not be reached: check the network (and http_proxy, if you need one), then try again.";
  }
  if (/NO_PUBKEY|no keyring|signed-by|not signed/i.test(text)) {
    return "Debian's keys are missing. Run: sudo apt-get install debian-archive-keyring";
  }
  if (/[Hh]ash [Ss]um mismatch|unexpected size|Unexpected EOF|Failed to fetch/.test(text)) {
    return 'The mirror sent a damaged or incomplete file, which was thrown away: try again.';
  }
  return undefined;
}

const PREFIX = 'devbox-root-';

function temporaryRoot(needs: number): string {
  const places = [tmpdir(), '/var/tmp'];
  const place = places.find((dir) => freeBytes(dir) >= needs) ?? tmpdir();
  requireFree(place, needs);
  serial += 1;
  return join(place, `${PREFIX}${thisProcess()}-${serial}`);
}

let serial = 0;

/** What a killed devbox left half-made. */
async function sweepDead(mode: 'root' | 'unshare'): Promise<void> {
  for (const place of new Set([tmpdir(), '/var/tmp'])) {
    for (const name of readdirSync(place)) {
      const path = join(place, name);
      if (!name.startsWith(PREFIX) || isAlive(name.slice(PREFIX.length))) continue;
      if (lstatSync(path).uid === userInfo().uid) await removeForeign(path, mode);
    }
  }
}

/** Removes a directory whose files belong to subordinate ids, which only their own user namespace may do. */
async function removeForeign(dir: string, mode: 'root' | 'unshare'): Promise<void> {
  const remove = ['rm', '--recursive', '--force', '--one-file-system', '--', dir];
  if (mode === 'unshare')
    await runChild({
      argv: ['mmdebstrap', '--unshare-helper', 'rm', '--recursive', '--force', '--', dir],
    });
  await runChild({ argv: remove });
}
