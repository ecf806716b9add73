/**
 * Text from a guest, made safe for a terminal: control characters, escape sequences, C1 controls and characters that
 * reorder or hide text become visible. Newline and tab stay; so does everything printable.
 */
export function escapeForTerminal(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) as number;
    if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
    if (code === 0x7f) return '^?';
    return code < 0x100 ? `\\x${code.toString(16)}` : `\\u{${code.toString(16)}}`;
  });
}

// Everything in Cc but \n and \t; bidirectional controls, zero-width characters, line separators, BOM, tags, lone surrogates.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is what this is for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** Cuts a byte stream into lines, holding back an unfinished one; a line longer than `limit` bytes is cut there. */
export class LineSplitter {
  readonly #limit: number;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(limit = 16 * 1024) {
    this.#limit = limit;
  }

  /** Complete lines in `chunk`, newline and a carriage return before it removed. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (rest.length > 0) {
      const newline = rest.indexOf(0x0a);
      const room = this.#limit - this.#heldBytes;
      if (newline === -1 || newline > room) {
        if (rest.length < room) {
          this.#held.push(Buffer.from(rest));
          this.#heldBytes += rest.length;
          return lines;
        }
        lines.push(this.#take(rest.subarray(0, room)));
        rest = rest.subarray(room);
      } else {
        lines.push(this.#take(rest.subarray(0, newline)));
        rest = rest.subarray(newline + 1);
      }
    }
    return lines;
  }

  /** The unfinished line, when the stream has ended. */
  end(): string[] {
    return this.#heldBytes > 0 ? [this.#take(Buffer.alloc(0))] : [];
  }

  #take(last: Uint8Array): string {
    let line = Buffer.concat([...this.#held, last]);
    this.#held = [];
    this.#heldBytes = 0;
    if (line.at(-1) === 0x0d) line = line.subarray(0, -1);
    return line.toString('utf8');
  }
}
