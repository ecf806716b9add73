import { closeSync, openSync, writeSync } from 'node:fs';

/**
 * A file that only grows, made with its first bytes. Writes are synchronous: they reach the page cache in microseconds,
 * whoever produces faster than the disk takes is slowed down by just that, memory stays bounded, and nothing is lost
 * when the process is killed.
 */
export class AppendFile {
  readonly #path: string;
  #fd: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws what the write threw. */
  append(bytes: Uint8Array): void {
    this.#fd ??= openSync(this.#path, 'a', 0o600);
    let rest = bytes;
    while (rest.length > 0) rest = rest.subarray(writeSync(this.#fd, rest));
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
