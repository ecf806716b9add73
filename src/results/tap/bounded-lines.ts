import { StringDecoder } from 'node:string_decoder';

/** Bytes decoded at once: a chunk of a gigabyte would not fit into one string. */
const SLICE_BYTES = 64 * 1024;

/**
 * Cuts a stream into lines without their newline and the carriage returns before it. Of a line longer than `limit` UTF-16
 * units the beginning is kept and the rest dropped, so that no part of it is taken for a line of its own.
 */
export class BoundedLines {
  readonly #limit: number;
  readonly #decoder = new StringDecoder('utf8');
  #held = '';
  #isOpen = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  *push(chunk: Uint8Array | string): Generator<string> {
    if (typeof chunk === 'string') {
      yield* this.#cut(this.#decoder.end() + chunk);
      return;
    }
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
      yield* this.#cut(this.#decoder.write(bytes.subarray(from, from + SLICE_BYTES)));
    }
  }

  /** The last line, when no newline ended it. */
  *end(): Generator<string> {
    yield* this.#cut(this.#decoder.end());
    if (this.#isOpen) yield this.#take();
  }

  *#cut(text: string): Generator<string> {
    let from = 0;
    while (from < text.length) {
      const newline = text.indexOf('\n', from);
      const end = newline === -1 ? text.length : newline;
      const room = this.#limit - this.#held.length;
      if (room > 0) this.#held += text.slice(from, Math.min(end, from + room));
      this.#isOpen = true;
      if (newline === -1) return;
      yield this.#take();
      from = newline + 1;
    }
  }

  #take(): string {
    const line = this.#held;
    this.#held = '';
    this.#isOpen = false;
    let end = line.length;
    while (end > 0 && line[end - 1] === '\r') end -= 1;
    return line.slice(0, end).toWellFormed();
  }
}
