import { FRAME_HEADER_BYTES, type Frame, MAX_PAYLOAD_BYTES } from './frame.ts';
import { brokenRule } from './guest-failure.ts';

/**
 * Cuts a byte stream into frames. A payload that lies within one chunk is a view of it; one that does not is copied
 * once. What is held back is never more than one frame.
 */
export class FrameDecoder {
  readonly #header = Buffer.alloc(FRAME_HEADER_BYTES);
  #headerBytes = 0;
  #payload: Buffer | undefined;
  #payloadBytes = 0;

  /** Hands over every frame that `chunk` completes. Throws `Failure` guest/guest-protocol; the stream is useless then. */
  push(chunk: Buffer, take: (frame: Frame) => void): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payload === undefined) {
        at += this.#fillHeader(chunk, at);
        if (this.#headerBytes < FRAME_HEADER_BYTES) return;
        const length = checkedLength(this.#header);
        if (length <= chunk.length - at) {
          this.#headerBytes = 0;
          take(this.#frame(chunk.subarray(at, at + length)));
          at += length;
          continue;
        }
        this.#payload = Buffer.allocUnsafeSlow(length);
        this.#payloadBytes = 0;
      }
      const copied = chunk.copy(this.#payload, this.#payloadBytes, at);
      this.#payloadBytes += copied;
      at += copied;
      if (this.#payloadBytes === this.#payload.length) {
        const frame = this.#frame(this.#payload);
        this.#payload = undefined;
        this.#headerBytes = 0;
        take(frame);
      }
    }
  }

  #fillHeader(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#header, this.#headerBytes, at);
    this.#headerBytes += copied;
    return copied;
  }

  #frame(payload: Buffer): Frame {
    return { type: this.#header.readUInt8(4), id: this.#header.readUInt32LE(8), payload };
  }
}

function checkedLength(header: Buffer): number {
  const length = header.readUInt32LE(0);
  if (length > MAX_PAYLOAD_BYTES) {
    throw brokenRule(`a payload has at most ${MAX_PAYLOAD_BYTES} bytes`, `${length} bytes`);
  }
  if (header.readUInt8(5) !== 0 || header.readUInt16LE(6) !== 0) {
    throw brokenRule('flags and reserved are 0', `header ${header.toString('hex')}`);
  }
  return length;
}
