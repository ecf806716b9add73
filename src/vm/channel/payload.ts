import { Failure } from '../../core/failure.ts';
import type { Frame } from './frame.ts';
import { brokenRule } from './guest-failure.ts';

/** A path or an argument: text, or bytes when it need not be UTF-8. */
export type GuestString = string | Uint8Array;

/** Reads the fields of a guest's payload; what is missing or left over is a broken rule. */
export class PayloadReader {
  readonly #frame: Frame;
  #at = 0;

  constructor(frame: Frame) {
    this.#frame = frame;
  }

  u16(): number {
    return this.#take(2).readUInt16LE();
  }

  u32(): number {
    return this.#take(4).readUInt32LE();
  }

  /** As a number: times in µs stay exact for 285 years. */
  u64(): number {
    return Number(this.#take(8).readBigUInt64LE());
  }

  string(): string {
    const { payload } = this.#frame;
    const end = payload.indexOf(0, this.#at);
    if (end === -1) throw brokenRule('a string ends with NUL', describeFrame(this.#frame));
    const text = payload.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** Everything up to the end, as strings. */
  strings(): string[] {
    const texts: string[] = [];
    while (this.#at < this.#frame.payload.length) texts.push(this.string());
    return texts;
  }

  rest(): Buffer {
    const rest = this.#frame.payload.subarray(this.#at);
    this.#at = this.#frame.payload.length;
    return rest;
  }

  end(): void {
    if (this.#at !== this.#frame.payload.length) throw wrongSize(this.#frame);
  }

  #take(bytes: number): Buffer {
    if (this.#frame.payload.length - this.#at < bytes) throw wrongSize(this.#frame);
    this.#at += bytes;
    return this.#frame.payload.subarray(this.#at - bytes, this.#at);
  }
}

function wrongSize(frame: Frame): Failure {
  return brokenRule('a payload has the size of its type', describeFrame(frame));
}

export function describeFrame({ type, id, payload }: Frame): string {
  return `type 0x${type.toString(16)}, id ${id}, ${payload.length} bytes`;
}

export function u16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Throws `Failure` usage/nul-in-string for what no Unix program could be given. */
export function cString(value: GuestString, what: string): Buffer {
  const bytes = Buffer.from(value as Uint8Array);
  if (bytes.includes(0)) {
    throw new Failure({
      kind: 'usage',
      code: 'nul-in-string',
      message: `The ${what} contains a NUL byte: ${JSON.stringify(bytes.toString().slice(0, 80))}.`,
    });
  }
  return Buffer.concat([bytes, Buffer.alloc(1)]);
}
