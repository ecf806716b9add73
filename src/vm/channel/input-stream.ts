import { abortFailure, Failure } from '../../core/failure.ts';
import { MAX_CREDIT_BYTES, MAX_PAYLOAD_BYTES } from './frame.ts';
import { brokenRule } from './guest-failure.ts';

interface PendingWrite {
  bytes: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

export interface InputSink {
  sendBytes(bytes: Uint8Array): void;
  sendEof(): void;
}

/** The stdin of a process in the guest: writes go out in order, as far as the guest has granted. */
export class InputStream {
  readonly #sink: InputSink;
  readonly #exists: boolean;
  #credit = 0;
  #pending: PendingWrite[] = [];
  #ending: PromiseWithResolvers<void> | undefined;
  /** Why it takes no more; undefined while it does. */
  #closed: unknown;

  constructor(sink: InputSink, exists: boolean) {
    this.#sink = sink;
    this.#exists = exists;
    if (!exists) this.#closed = stdinClosed('the process was started without a stdin');
  }

  /** What the guest takes. */
  get credit(): number {
    return this.#credit;
  }

  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (this.#ending) return Promise.reject(stdinClosed('its end was already sent'));
    if (signal?.aborted) return Promise.reject(abortFailure(signal));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const write: PendingWrite = { bytes, resolve, reject };
    this.#pending.push(write);
    if (signal) this.#followAbort(write, promise, signal);
    this.#pump();
    return promise;
  }

  /** Resolves when the end has been sent, behind all that was written. */
  end(): Promise<void> {
    if (this.#closed !== undefined) return Promise.resolve();
    this.#ending ??= Promise.withResolvers();
    this.#ending.promise.catch(() => {});
    this.#pump();
    return this.#ending.promise;
  }

  grant(bytes: number): void {
    if (!this.#exists)
      throw brokenRule('only an exec with a stdin is granted credit for it', `${bytes} bytes`);
    if (bytes > MAX_CREDIT_BYTES - this.#credit) {
      throw brokenRule('outstanding credit is at most 1 GiB', `${this.#credit} + ${bytes} bytes`);
    }
    this.#credit += bytes;
    this.#pump();
  }

  closedByProcess(): void {
    if (!this.#exists) throw brokenRule('only an exec with a stdin closes it', 'STDIN_CLOSED');
    this.close(stdinClosed('the process closed it'));
  }

  /** Whatever still waits rejects with `cause`. */
  close(cause: unknown): void {
    this.#closed ??= cause;
    const pending = this.#pending;
    this.#pending = [];
    for (const { reject } of pending) reject(this.#closed);
    this.#ending?.resolve(); // There is nothing left to end.
  }

  #pump(): void {
    for (let write = this.#pending[0]; write; write = this.#pending[0]) {
      while (write.bytes.length > 0 && this.#credit > 0) {
        const size = Math.min(write.bytes.length, this.#credit, MAX_PAYLOAD_BYTES);
        this.#sink.sendBytes(write.bytes.subarray(0, size));
        write.bytes = write.bytes.subarray(size);
        this.#credit -= size;
      }
      if (write.bytes.length > 0) return;
      this.#pending.shift();
      write.resolve();
    }
    if (this.#ending && this.#closed === undefined) {
      this.#closed = stdinClosed('its end was already sent');
      this.#sink.sendEof();
      this.#ending.resolve();
    }
  }

  #followAbort(write: PendingWrite, settled: Promise<void>, signal: AbortSignal): void {
    const onAbort = () => {
      this.#pending = this.#pending.filter((other) => other !== write);
      write.reject(abortFailure(signal));
      this.#pump();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const stop = () => signal.removeEventListener('abort', onAbort);
    settled.then(stop, stop);
  }
}

export function stdinClosed(why: string): Failure {
  return new Failure({
    kind: 'guest',
    code: 'guest-stdin-closed',
    message: `The process in the guest takes no more input: ${why}.`,
  });
}
