import { closeSync, openSync, writeSync } from 'node:fs';

/** What may be held before whoever appends has to flush. */
const FULL_BYTES = 256 * 1024;

/**
 * A file that only grows. What is appended is held until `flush`. Writes are synchronous: they reach the page cache in
 * microseconds, whoever produces faster than the disk takes is slowed down by just that, memory stays bounded, and
 * nothing that was flushed is lost when the process is killed.
 */
export class AppendFile {
  readonly #path: string;
  #fd: number | undefined;
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  get isFull(): boolean {
    return this.#heldBytes >= FULL_BYTES;
  }

  append(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  /** Throws what the write threw; what could not be written is dropped. */
  flush(): void {
    if (this.#heldBytes === 0) return;
    let rest: Uint8Array =
      this.#held.length === 1 ? (this.#held[0] as Uint8Array) : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#fd ??= openSync(this.#path, 'a', 0o600);
    while (rest.length > 0) rest = rest.subarray(writeSync(this.#fd, rest));
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
