import { brokenRule } from './guest-failure.ts';

/** What a process in the guest writes. One consumer; a consumer that stops early lets the rest go unread. */
export interface GuestOutputStream extends AsyncIterable<Uint8Array> {
  /** Lets what is here and what is to come go unread, so that the process never waits for a reader. */
  discard(): void;
}

/** Smaller payloads are copied together: a view would keep a whole chunk of the socket alive for a few bytes. */
const COPY_BELOW = 16 * 1024;
const BLOCK_BYTES = 32 * 1024;
/** What comes in bulk is handed on in pieces that a consumer would expect. */
const MAX_CHUNK_BYTES = 64 * 1024;

/**
 * Holds at most `windowBytes`, because the guest may send no more than it was granted, and is granted again only what
 * the consumer has pulled.
 */
export class OutputStream implements GuestOutputStream, AsyncIterator<Uint8Array, undefined> {
  readonly #grant: (bytes: number) => void;
  readonly #windowBytes: number;
  #credit: number;
  #owed = 0;
  #queue: Buffer[] = [];
  #block = Buffer.alloc(0);
  #blockBytes = 0;
  /** Whether the last buffer in the queue is the newest part of the block, and can grow. */
  #growing = false;
  #discarding = false;
  #ended = false;
  #failure: { readonly cause: unknown } | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;

  /** `windowBytes` is what the guest was granted at the start, `takenBytes` what has been taken of that already. */
  constructor(windowBytes: number, grant: (bytes: number) => void, takenBytes = 0) {
    this.#windowBytes = windowBytes;
    this.#credit = windowBytes - takenBytes;
    this.#owed = takenBytes;
    this.#grant = grant;
  }

  /** Throws `Failure` guest/guest-protocol when the guest sends more than it may. */
  receive(payload: Buffer): void {
    if (payload.length > this.#credit) {
      throw brokenRule(
        'output stays within its credit',
        `${payload.length} bytes with credit ${this.#credit}`,
      );
    }
    this.#credit -= payload.length;
    if (this.#discarding) {
      this.#giveBack(payload.length);
      return;
    }
    if (payload.length < COPY_BELOW) this.#append(payload);
    else {
      for (let at = 0; at < payload.length; at += MAX_CHUNK_BYTES)
        this.#queue.push(payload.subarray(at, at + MAX_CHUNK_BYTES));
      this.#growing = false;
    }
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  fail(cause: unknown): void {
    this.#failure ??= { cause };
    this.#wake();
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const chunk = this.#queue.shift();
      if (chunk) {
        if (this.#queue.length === 0) this.#growing = false;
        this.#giveBack(chunk.length);
        return { done: false, value: chunk };
      }
      if (this.#ended || this.#discarding) return { done: true, value: undefined };
      if (this.#failure) throw this.#failure.cause;
      this.#waiting ??= Promise.withResolvers();
      await this.#waiting.promise;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.discard();
    return { done: true, value: undefined };
  }

  discard(): void {
    this.#discarding = true;
    const bytes = this.#queue.reduce((sum, { length }) => sum + length, 0);
    this.#queue = [];
    this.#giveBack(bytes);
    this.#wake();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this;
  }

  #append(payload: Buffer): void {
    if (this.#block.length - this.#blockBytes < payload.length) {
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      this.#blockBytes = 0;
      this.#growing = false;
    }
    payload.copy(this.#block, this.#blockBytes);
    const last = this.#growing ? this.#queue.pop() : undefined;
    const start = this.#blockBytes - (last?.length ?? 0);
    this.#blockBytes += payload.length;
    this.#queue.push(this.#block.subarray(start, this.#blockBytes));
    this.#growing = true;
  }

  /** A quarter of the window at a time: few frames, and the guest never runs dry while the consumer keeps up. */
  #giveBack(bytes: number): void {
    this.#owed += bytes;
    if (this.#ended || this.#failure || this.#owed < this.#windowBytes / 4) return;
    const owed = this.#owed;
    this.#owed = 0;
    this.#credit += owed;
    this.#grant(owed);
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
