import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Failure } from '../../core/failure.ts';
import { shellWord } from '../../core/shell-word.ts';
import { meantPath } from '../../platform/near-path.ts';

/** Random access to bytes that are not trusted: nothing beyond their end is ever asked of the file or of memory. */
export interface ByteSource {
  /** What to call it in an error: the path the user gave. */
  readonly name: string;
  readonly size: number;
  /** Exactly `length` bytes. Throws `Failure` usage/kernel-truncated when there are fewer. */
  read(offset: number, length: number): Buffer;
}

/** More than any section or payload of a kernel that devbox reads in one piece. */
const READ_LIMIT = 512 * 2 ** 20;

export function bufferSource(name: string, bytes: Buffer): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => {
      check(name, bytes.length, offset, length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** Throws `Failure` usage when there is no such file, or it is not a regular one. `name` is what errors call it. */
export function openFileSource(file: string, name = file): ByteSource & Disposable {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (cause) {
    throw unreadable(name, cause as NodeJS.ErrnoException);
  }
  const stat = fstatSync(fd);
  if (!stat.isFile()) {
    closeSync(fd);
    throw notKernel(name, 'not a regular file');
  }
  return {
    name,
    size: stat.size,
    read: (offset, length) => {
      check(name, stat.size, offset, length);
      const bytes = Buffer.alloc(length);
      let done = 0;
      while (done < length) {
        const count = readSync(fd, bytes, done, length - done, offset + done);
        if (count === 0) throw truncated(name, `${offset + length} bytes`, offset + done);
        done += count;
      }
      return bytes;
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}

function check(name: string, size: number, offset: number, length: number): void {
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!whole || length > READ_LIMIT) throw damaged(name, 'its headers make no sense');
  if (offset + length > size) throw truncated(name, `${offset + length} bytes`, size);
}

export function truncated(name: string, wanted: string, size: number): Failure {
  return new Failure({
    kind: 'usage',
    code: 'kernel-truncated',
    message: `The kernel ${name} is cut short: its headers speak of ${wanted}, it has ${size}.`,
    hint: 'Copy or build it again.',
  });
}

export function damaged(name: string, why: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'kernel-damaged',
    message: `The kernel ${name} is damaged: ${why}.`,
    hint: 'Copy or build it again.',
  });
}

export function notKernel(name: string, looksLike: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'not-a-kernel',
    message: `${name} is not a kernel: it is ${looksLike}.`,
    hint: 'Give a bzImage, an uncompressed vmlinux, or the directory of a built kernel tree.',
  });
}

export function wrongArchitecture(name: string, architecture: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'kernel-wrong-architecture',
    message: `The kernel ${name} is for ${architecture}; devbox boots x86-64.`,
    hint: 'Build it with ARCH=x86_64.',
  });
}

function unreadable(file: string, cause: NodeJS.ErrnoException): Failure {
  const missing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
  return new Failure({
    kind: 'usage',
    code: missing ? 'no-such-kernel' : 'kernel-unreadable',
    message: missing ? `There is no kernel at ${file}.` : `Cannot read the kernel ${file}: ${cause.message}.`,
    hint: missing
      ? meantPath(
          file,
          'Give a bzImage, a vmlinux, or a built kernel tree; or a name: `devbox kernel list` shows them.',
        )
      : `It may be readable by root only: sudo chmod +r ${shellWord(file)}`,
    cause,
  });
}
