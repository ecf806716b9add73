import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/units.ts';

/** More than that is a mistake: the whole home directory, or sources. */
const LIMIT = 512 * 2 ** 20;

/**
 * SHA-256 over all that an image is built from: names, contents, links and whether a file may be executed. Throws
 * `Failure` usage when the directory is no image's.
 */
export function contextDigest(dir: string): string {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const path of listContext(dir)) {
    const file = join(dir, path);
    const stat = lstatSync(file);
    if (stat.isSymbolicLink()) hash.update(`link\0${path}\0${readlinkSync(file)}\0`);
    else if (stat.isDirectory()) hash.update(`dir\0${path}\0`);
    else if (stat.isFile()) {
      bytes += stat.size;
      if (bytes > LIMIT) throw tooLarge(dir);
      hash.update(`${(stat.mode & 0o100) === 0 ? 'file' : 'program'}\0${path}\0${stat.size}\0`);
      hash.update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}

function listContext(dir: string): string[] {
  try {
    if (!readdirSync(dir).includes('Dockerfile')) throw noImage(dir, 'has no Dockerfile');
    return readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw noImage(dir, `cannot be read: ${(error as Error).message}`);
  }
}

function noImage(dir: string, why: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'no-image',
    message: `The image ${dir} ${why}.`,
    hint: 'Name a directory that holds a Dockerfile and what it copies; images/build is an example.',
  });
}

function tooLarge(dir: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'image-too-large',
    message: `The image ${dir} is made of more than ${formatBytes(LIMIT)} of files.`,
    hint: 'Give the Dockerfile a directory of its own with no more than it copies.',
  });
}

export interface PackOptions {
  /** Whose everything is inside. Root's, whom nobody is, unless told. */
  readonly uid?: number;
  readonly gid?: number;
  /** Let everybody read what its owner may. */
  readonly readable?: boolean;
  /** A name for the directory itself, before that of all that is in it. */
  readonly prefix?: string;
}

/** A directory as a tar archive. */
export async function packDirectory(
  dir: string,
  { uid = 0, gid = 0, readable = false, prefix }: PackOptions = {},
): Promise<Readable> {
  const { create } = await import('tar');
  const filter = (_path: string, stat: Stats) => {
    // The packer writes what it finds here.
    Object.assign(stat, { uid, gid });
    if (readable) stat.mode |= ((stat.mode & 0o500) >> 3) | ((stat.mode & 0o500) >> 6);
    return true;
  };
  return create({ cwd: dir, filter: filter as never, ...(prefix !== undefined && { prefix }) }, [
    '.',
  ]) as unknown as Readable;
}
