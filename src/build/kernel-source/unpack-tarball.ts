import { once } from 'node:events';
import { createReadStream, mkdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { abortFailure, Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/units.ts';
import { startChild } from '../../platform/child.ts';
import { releaseBuffers } from '../../platform/release-buffers.ts';
import { diskFull, isDiskFull } from '../../platform/store-disk-full.ts';
import { KERNEL_LIMITS, type TarLimits, type TarMembers, tarMembers } from './tar-members.ts';

export type TarFormat = 'tar' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

const MAGIC: readonly (readonly [TarFormat, number, string])[] = [
  ['gzip', 0, '1f8b'],
  ['zstd', 0, '28b52ffd'],
  ['xz', 0, 'fd377a585a00'],
  ['bzip2', 0, '425a68'],
  ['tar', 257, Buffer.from('ustar').toString('hex')],
];

/** By its first bytes, whatever it is called. */
export async function tarFormat(file: string, what: string): Promise<TarFormat> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
  const head = buffer.subarray(0, bytesRead);
  const found = MAGIC.find(([, at, magic]) => head.subarray(at).toString('hex').startsWith(magic));
  if (found) return found[0];
  throw new Failure({
    kind: 'usage',
    code: 'not-a-tarball',
    message: `${what} is no tar archive: it does not begin like one, nor like one compressed by gzip, xz, bzip2 or zstd.`,
    hint: 'Give a .tar, .tar.gz, .tar.xz, .tar.bz2 or .tar.zst.',
  });
}

export interface UnpackOptions {
  readonly file: string;
  readonly format: 'tar' | 'gzip' | 'zstd';
  /** Gets what is below the archive's one top directory; is made, and so is `unpacked` beside it for a while. */
  readonly dir: string;
  /** For messages. */
  readonly what: string;
  readonly limits?: TarLimits;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks an archive and returns its newest member's time, in seconds; throws `Failure` that names the first bad member.
 * What is looked at here goes to the host's tar afterwards, so that tar never sees a member that was not found good.
 */
export async function unpackTarball(options: UnpackOptions): Promise<number> {
  const { file, format, dir, what, limits = KERNEL_LIMITS, signal } = options;
  const members = tarMembers(limits);
  let wrong: unknown;
  const parser = watchMembers(members, (path, why) => {
    wrong ??= badMember(what, path, why);
  });
  parser.on('error', (error: Error) => {
    wrong ??= damaged(what, error);
  });
  const unpacked = join(dir, '..', 'unpacked');
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked);
  await using tar = await startTar(unpacked);
  const write = async (chunks: AsyncIterable<Buffer>) => {
    let passed = 0;
    for await (const chunk of chunks) {
      parser.write(chunk);
      if (wrong) throw wrong;
      await tar.write(chunk);
      passed += chunk.length;
      if (passed < RELEASE_EVERY) continue;
      passed = 0;
      releaseBuffers();
    }
    parser.end();
    if (wrong) throw wrong;
  };
  try {
    const input = createReadStream(file, { highWaterMark: CHUNK });
    const decompress = DECOMPRESS[format]();
    await pipeline(input, decompress, bounded(2 * limits.bytes, what), write, signal ? { signal } : {});
    await tar.end();
  } catch (error) {
    if (signal?.aborted) throw abortFailure(signal);
    throw error instanceof Failure || isDiskFull(error) ? error : damaged(what, error as Error);
  }
  renameSync(join(unpacked, members.top()), dir);
  rmSync(unpacked, { recursive: true });
  return members.newest();
}

/** Reads headers, and lets the data go by. */
function watchMembers(members: TarMembers, bad: (path: string, why: string) => void): Parser {
  const checked = new WeakSet<object>();
  const parser = new Parser({
    strict: true,
    filter: (path, entry) => {
      checked.add(entry);
      const why = members.check(entry as ReadEntry);
      if (why !== undefined) bad(path, why);
      return false;
    },
  });
  // Of kinds that it does not know it asks nobody.
  parser.on('ignoredEntry', (entry: ReadEntry) => {
    if (!entry.meta && !checked.has(entry))
      bad(entry.path, `is a ${entry.type}, not a file, a directory or a link`);
  });
  return parser;
}

async function startTar(dir: string) {
  const child = await startChild({
    argv: ['tar', '--extract', '--file=-', '--directory', dir, '--no-same-owner', '--no-same-permissions'],
    env: { ...process.env, LC_ALL: 'C', TAR_OPTIONS: undefined },
    stdin: 'pipe',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
  });
  child.stdin?.on('error', () => {}); // It may end before it has read all: its exit says what that means.
  return {
    write: async (chunk: Buffer) => {
      const isTaken = child.stdin?.write(chunk);
      if (isTaken || !child.stdin?.writable) return;
      // tar ends at the end of the archive, whatever comes after that: then nobody takes it.
      await Promise.race([once(child.stdin, 'drain').catch(() => {}), child.exited]);
    },
    end: async () => {
      child.stdin?.end();
      const { code } = await child.exited;
      if (code === 0) return;
      const why = complaint.trim().split('\n')[0] ?? '';
      throw /No space left|Disk quota/.test(complaint)
        ? diskFull(dir, undefined)
        : new Error(`tar says "${why}"`);
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** In small pieces a kernel's archive takes twice the time. Bytes. */
const CHUNK = 2 ** 18;
const RELEASE_EVERY = 2 ** 24;

const DECOMPRESS = {
  tar: () => new PassThrough(),
  gzip: () => createGunzip({ chunkSize: CHUNK }),
  zstd: () => createZstdDecompress({ chunkSize: CHUNK }),
} as const;

/** A few bytes can stand for as many as one likes. */
function bounded(limit: number, what: string): Transform {
  let bytes = 0;
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      done(bytes > limit ? tooLarge(what, limit) : null, chunk);
    },
  });
}

function badMember(what: string, path: string, why: string): Failure {
  return new Failure({
    kind: 'build',
    code: 'tarball-unsafe',
    message: `${what} was not unpacked: its member ${JSON.stringify(path.slice(0, 200))} ${why}.`,
    hint: "Take the archive from the kernel's own site, or make one with `git archive --prefix=linux/`.",
  });
}

export function tooLarge(what: string, limit: number): Failure {
  return new Failure({
    kind: 'build',
    code: 'tarball-unsafe',
    message: `${what} was not unpacked: it comes to more than ${formatBytes(limit)}.`,
  });
}

export function damaged(what: string, cause: Error): Failure {
  return new Failure({
    kind: 'build',
    code: 'tarball-damaged',
    message: `${what} cannot be unpacked: ${cause.message}.`,
    hint: 'It has the digest that was given, so it was damaged when that was taken: take another archive.',
    cause,
  });
}
