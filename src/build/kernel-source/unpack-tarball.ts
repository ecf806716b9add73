import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type ReadEntry, Unpack } from 'tar';
import { abortFailure, Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/units.ts';
import { isDiskFull } from '../../platform/store-disk-full.ts';
import { KERNEL_LIMITS, type TarLimits, tarMembers } from './tar-members.ts';

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
  /** Exists and is empty; gets what is below the archive's one top directory. */
  readonly dir: string;
  /** For messages. */
  readonly what: string;
  readonly limits?: TarLimits;
  readonly signal?: AbortSignal | undefined;
}

/** Unpacks an archive and returns its newest member's time, in seconds; throws `Failure` that names the first bad member. */
export async function unpackTarball(options: UnpackOptions): Promise<number> {
  const { file, format, dir, what, limits = KERNEL_LIMITS, signal } = options;
  const members = tarMembers(limits);
  const end = new AbortController();
  const bad = (path: string, why: string) => end.abort(badMember(what, path, why));
  const unpack = new Unpack({
    cwd: dir,
    strip: 1,
    strict: true,
    preserveOwner: false,
    filter: (path, entry) => {
      if (end.signal.aborted) return false;
      const why = members.check(entry as ReadEntry);
      if (why !== undefined) bad(path, why);
      return why === undefined;
    },
  });
  unpack.on('ignoredEntry', (entry: ReadEntry) => {
    if (!entry.meta && !end.signal.aborted)
      bad(entry.path, `is a ${entry.type}, not a file, a directory or a link`);
  });
  unpack.on('error', (error: Error) => end.abort(isDiskFull(error) ? error : damaged(what, error)));
  const stop = AbortSignal.any([end.signal, ...(signal ? [signal] : [])]);
  const write = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      stop.throwIfAborted();
      if (!unpack.write(chunk)) await once(unpack, 'drain', { signal: stop });
    }
    const closed = once(unpack, 'close', { signal: stop });
    unpack.end();
    await closed;
    stop.throwIfAborted();
  };
  try {
    const input = createReadStream(file, { highWaterMark: 2 ** 18 });
    await pipeline(input, DECOMPRESS[format](), bounded(2 * limits.bytes, what), write);
  } catch (error) {
    if (end.signal.aborted) throw end.signal.reason;
    if (signal?.aborted) throw abortFailure(signal);
    throw error instanceof Failure || isDiskFull(error) ? error : damaged(what, error as Error);
  }
  return members.newest();
}

const DECOMPRESS = {
  tar: () => new PassThrough(),
  gzip: () => createGunzip(),
  zstd: () => createZstdDecompress(),
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
