import { abortFailure } from '../../core/failure.ts';
import {
  encodeFrame,
  type Frame,
  HostFrame,
  type HostFrameType,
  MAX_FILE_BYTES,
  MAX_REQUESTS,
  VITALS_BYTES,
} from './frame.ts';
import { brokenRule, GuestError } from './guest-failure.ts';
import { describeFrame, PayloadReader } from './payload.ts';

interface Pending {
  readonly type: HostFrameType;
  readonly what: string;
  readonly answered: PromiseWithResolvers<Buffer>;
}

export interface GuestRequest {
  readonly type: HostFrameType;
  readonly payload?: Uint8Array;
  /** For the message of its failure: `The guest could not mount x at /y`. */
  readonly what: string;
  readonly signal: AbortSignal | undefined;
}

/** The data of a REPLY, by what it answers: at least when that was done, and at most. Others carry none. */
const DATA_BYTES: Partial<Record<HostFrameType, { readonly least: number; readonly most: number }>> = {
  [HostFrame.readFile]: { least: 0, most: MAX_FILE_BYTES },
  [HostFrame.vitals]: { least: VITALS_BYTES, most: VITALS_BYTES },
};

/** Requests that the guest answers with one REPLY each; at most 64 at a time, the others wait their turn. */
export class RequestTable {
  readonly #send: (frame: Buffer) => void;
  readonly #newId: () => number;
  readonly #pending = new Map<number, Pending>();
  #queue: (() => void)[] = [];
  #lost: { readonly cause: unknown } | undefined;

  constructor(send: (frame: Buffer) => void, newId: () => number) {
    this.#send = send;
    this.#newId = newId;
  }

  has(id: number): boolean {
    return this.#pending.has(id);
  }

  /** Resolves with the reply's data. Rejects with `GuestError`, an abort, or what ended the connection. */
  ask({ type, payload, what, signal }: GuestRequest): Promise<Buffer> {
    if (this.#lost) return Promise.reject(this.#lost.cause);
    if (signal?.aborted) return Promise.reject(abortFailure(signal));
    const answered = Promise.withResolvers<Buffer>();
    const begin = () => {
      const id = this.#newId();
      this.#pending.set(id, { type, what, answered });
      this.#send(encodeFrame(type, id, payload));
    };
    if (this.#pending.size < MAX_REQUESTS) begin();
    else this.#queue.push(begin);
    if (signal) {
      const onAbort = () => {
        this.#queue = this.#queue.filter((queued) => queued !== begin);
        answered.reject(abortFailure(signal)); // A reply that still comes finds nobody waiting.
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const stop = () => signal.removeEventListener('abort', onAbort);
      answered.promise.then(stop, stop);
    }
    this.#rejectWhenLost(answered);
    return answered.promise;
  }

  reply(frame: Frame): void {
    const request = this.#pending.get(frame.id);
    if (!request) throw brokenRule('a REPLY answers a request', describeFrame(frame));
    this.#pending.delete(frame.id);
    const payload = new PayloadReader(frame);
    const errno = payload.u32();
    const data = payload.rest();
    const { least, most } = DATA_BYTES[request.type] ?? { least: 0, most: 0 };
    if (data.length > most || (errno === 0 && data.length < least)) {
      throw brokenRule('a reply carries what was asked for and no more', describeFrame(frame));
    }
    if (errno === 0) request.answered.resolve(Buffer.from(data));
    else request.answered.reject(new GuestError(request.what, errno));
    this.#queue.shift()?.();
  }

  lose(cause: unknown): void {
    this.#lost ??= { cause };
    for (const reject of this.#waiting) reject(cause);
  }

  readonly #waiting = new Set<(cause: unknown) => void>();

  #rejectWhenLost({ promise, reject }: PromiseWithResolvers<Buffer>): void {
    this.#waiting.add(reject);
    const forget = () => this.#waiting.delete(reject);
    promise.then(forget, forget);
  }
}
