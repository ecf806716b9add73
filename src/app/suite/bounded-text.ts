/** Keeps the beginning and the end of a text that may be endless. */
export class BoundedText {
  readonly #half: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #dropped = 0;

  /** `limit` in bytes. */
  constructor(limit: number) {
    this.#half = Math.floor(limit / 2);
  }

  push(bytes: Uint8Array): void {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const room = Math.min(chunk.length, this.#half - this.#headBytes);
    if (room > 0) {
      this.#head.push(Buffer.from(chunk.subarray(0, room)));
      this.#headBytes += room;
    }
    if (room < chunk.length) this.#keepTail(chunk.subarray(Math.max(room, 0)));
  }

  #keepTail(chunk: Buffer): void {
    this.#tail.push(Buffer.from(chunk.subarray(Math.max(0, chunk.length - this.#half))));
    this.#dropped += Math.max(0, chunk.length - this.#half);
    this.#tailBytes += this.#tail.at(-1)?.length ?? 0;
    for (
      let first = this.#tail[0];
      first && this.#tailBytes - first.length >= this.#half;
      first = this.#tail[0]
    ) {
      this.#tail.shift();
      this.#tailBytes -= first.length;
      this.#dropped += first.length;
    }
  }

  /** What is not UTF-8 is replaced; what was left out is said. */
  toString(): string {
    const head = Buffer.concat(this.#head).toString('utf8');
    const tail = Buffer.concat(this.#tail).toString('utf8');
    return this.#dropped === 0 ? head + tail : `${head}\n[… ${this.#dropped} bytes left out …]\n${tail}`;
  }
}
