import type { Duplex } from 'node:stream';
import { abortFailure, Failure } from '../../core/failure.ts';
import { bug, disconnected, rejectedByGuest, requestTooLarge, tooManyExecs } from './connection-failures.ts';
import { ExecSession } from './exec-session.ts';
import {
  encodeFrame,
  type Frame,
  GuestFrame,
  HostFrame,
  type HostFrameType,
  MAX_EXECS,
  MAX_PAYLOAD_BYTES,
  MOUNT_READ_ONLY,
} from './frame.ts';
import { FrameDecoder } from './frame-decoder.ts';
import type {
  BulkSource,
  ConnectOptions,
  GuestChannel,
  GuestNote,
  GuestVitals,
  MountOptions,
  Resume,
  Waiting,
} from './guest-channel.ts';
import { brokenRule, quoteGuestText } from './guest-failure.ts';
import { type GuestHello, pair, parseHello } from './guest-hello.ts';
import type { ExecOptions, GuestProcess, HeldProcess } from './guest-process.ts';
import { cString, describeFrame, type GuestString, PayloadReader, u32 } from './payload.ts';
import { RequestTable } from './request-table.ts';

const MAX_KEPT_NOTES = 64;
/** How every process that is held was asked for, as far as it matters to a connection. */
const HELD_OPTIONS: ExecOptions = { argv: ['held'], stdin: true, report: true };

/** See `GuestChannel` for what it promises. */
export class GuestConnection implements GuestChannel {
  readonly #socket: Duplex;
  readonly #bulk: BulkSource | undefined;
  readonly #decoder = new FrameDecoder();
  readonly #hello = Promise.withResolvers<GuestHello>();
  readonly #closed = Promise.withResolvers<Failure | undefined>();
  readonly #execs = new Map<number, ExecSession>();
  readonly #sessions = new WeakMap<GuestProcess, ExecSession>();
  readonly #requests: RequestTable;
  readonly #uevents = new Set<(event: ReadonlyMap<string, string>) => void>();
  readonly #notes = new Set<(note: GuestNote) => void>();
  #keptNotes: GuestNote[] = [];
  #nextId = 1;
  /** Of the RESUME that the hello answers; 0: the guest speaks first. */
  #resumeId = 0;
  #greeted = false;
  #shutDown = false;
  #ending = false;
  #cause: Failure | undefined;
  #drained: PromiseWithResolvers<void> | undefined;
  #held: GuestProcess | undefined;

  constructor(socket: Duplex, { signal, explain, resume, held, bulk }: ConnectOptions) {
    this.#socket = socket;
    this.#bulk = bulk;
    if (held) this.#hold(held);
    this.#requests = new RequestTable(
      (frame) => void this.#send(frame),
      () => this.#newId(),
    );
    this.#hello.promise.catch(() => {});
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#onDrain());
    const onEnd = (cause?: Error) => {
      if (this.#ending) return;
      this.#ending = true;
      const echo = disconnected(this.#greeted, cause);
      if (explain) void explain(echo).then((failure) => this.#lose(failure));
      else this.#lose(echo);
    };
    socket.on('error', onEnd);
    socket.on('end', () => onEnd());
    socket.on('close', () => onEnd());
    if (signal) this.#followAbort(signal);
    if (resume) {
      this.#resumeId = this.#newId();
      void this.#send(encodeFrame(HostFrame.resume, this.#resumeId, resumePayload(resume)));
    }
  }

  get hello(): Promise<GuestHello> {
    return this.#hello.promise;
  }

  get closed(): Promise<Failure | undefined> {
    return this.#closed.promise;
  }

  hold(process: GuestProcess, reportedBytes: number): HeldProcess {
    const session = this.#sessions.get(process);
    if (!session) throw new TypeError('The process is none of this connection.');
    return session.describe(process.pid, reportedBytes);
  }

  takeHeld(): GuestProcess | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  async exec(options: ExecOptions, { signal }: Waiting = {}): Promise<GuestProcess> {
    await this.#ready(signal);
    if (this.#execs.size >= MAX_EXECS) throw tooManyExecs();
    const session = this.#session(this.#newId(), options);
    const onAbort = () => session.abandon(abortFailure(signal as AbortSignal));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      session.ask();
      const process = await session.started.promise;
      this.#sessions.set(process, session);
      return process;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async mount(options: MountOptions, waiting: Waiting = {}): Promise<void> {
    const { source, target, fstype, readOnly } = options;
    const payload = Buffer.concat([
      u32(readOnly ? MOUNT_READ_ONLY : 0),
      cString(source, 'source of a mount'),
      cString(target, 'target of a mount'),
      cString(fstype, 'file system type'),
      cString(options.options ?? '', 'mount options'),
    ]);
    const what = `The guest could not mount ${Buffer.from(source as string)} at ${Buffer.from(target as string)}`;
    await this.#ask(HostFrame.mount, what, waiting, payload);
  }

  async syncClock(epochNs: bigint, waiting: Waiting = {}): Promise<void> {
    const payload = Buffer.alloc(8);
    payload.writeBigInt64LE(epochNs);
    await this.#ask(HostFrame.syncClock, 'The guest could not set its clock', waiting, payload);
  }

  async readFile(path: GuestString, waiting: Waiting = {}): Promise<Uint8Array> {
    const what = `The guest could not read ${Buffer.from(path as string)}`;
    return this.#ask(HostFrame.readFile, what, waiting, cString(path, 'path'));
  }

  async writeFile(path: GuestString, content: string | Uint8Array, waiting: Waiting = {}): Promise<void> {
    const payload = Buffer.concat([cString(path, 'path'), Buffer.from(content as Uint8Array)]);
    const what = `The guest could not write ${Buffer.from(path as string)}`;
    await this.#ask(HostFrame.writeFile, what, waiting, payload);
  }

  async ping(waiting: Waiting = {}): Promise<void> {
    await this.#ask(HostFrame.ping, 'The guest did not answer', waiting);
  }

  async vitals(waiting: Waiting = {}): Promise<GuestVitals> {
    return parseVitals(await this.#ask(HostFrame.vitals, 'The guest did not say how it is', waiting));
  }

  async shutdown(waiting: Waiting = {}): Promise<void> {
    this.#shutDown = true;
    await this.#ask(HostFrame.shutdown, 'The guest did not shut down cleanly', waiting);
  }

  onUevent(listener: (event: ReadonlyMap<string, string>) => void): () => void {
    this.#uevents.add(listener);
    return () => void this.#uevents.delete(listener);
  }

  onNote(listener: (note: GuestNote) => void): () => void {
    this.#notes.add(listener);
    for (const note of this.#keptNotes.splice(0)) listener(note);
    return () => void this.#notes.delete(listener);
  }

  #session(id: number, options: ExecOptions, held?: HeldProcess): ExecSession {
    const session = new ExecSession({
      ...{ id, options, bulk: this.#bulk, ...(held && { held }) },
      send: (frame) => this.#send(frame),
      onOver: () => this.#execs.delete(id),
    });
    this.#execs.set(id, session);
    return session;
  }

  #hold(held: HeldProcess): void {
    const { started } = this.#session(held.id, HELD_OPTIONS, held);
    void started.promise.then((process) => {
      this.#held = process;
    });
  }

  async #ask(type: HostFrameType, what: string, { signal }: Waiting, payload?: Buffer) {
    await this.#ready(signal);
    if (payload && payload.length > MAX_PAYLOAD_BYTES) throw requestTooLarge(what, payload.length);
    return this.#requests.ask({ type, what, signal, ...(payload ? { payload } : {}) });
  }

  /** The guest speaks first. */
  async #ready(signal: AbortSignal | undefined): Promise<void> {
    if (this.#cause) throw this.#cause;
    if (signal?.aborted) throw abortFailure(signal);
    if (!this.#greeted) await orAborted(this.#hello.promise, signal);
    if (this.#cause) throw this.#cause; // It may have come right behind the hello.
  }

  #newId(): number {
    while (this.#nextId === 0 || this.#execs.has(this.#nextId) || this.#requests.has(this.#nextId))
      this.#advance();
    const id = this.#nextId;
    this.#advance();
    return id;
  }

  #advance(): void {
    this.#nextId = (this.#nextId + 1) >>> 0;
  }

  /** Resolves when the socket takes more, or never will: whoever waits for an answer learns that by itself. */
  #send(frame: Buffer): Promise<void> {
    if (this.#cause || this.#socket.destroyed || this.#socket.write(frame)) return Promise.resolve();
    this.#drained ??= Promise.withResolvers();
    return this.#drained.promise;
  }

  #onDrain(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  #receive(chunk: Buffer): void {
    if (this.#cause) return;
    try {
      this.#decoder.push(chunk, (frame) => {
        if (!this.#cause) this.#dispatch(frame);
      });
    } catch (error) {
      this.#lose(error instanceof Failure ? error : bug(error));
    }
  }

  #dispatch(frame: Frame): void {
    if (!this.#greeted) {
      const hello = parseHello(frame, this.#resumeId);
      this.#greeted = true;
      this.#hello.resolve(hello);
      return;
    }
    switch (frame.type) {
      case GuestFrame.started:
      case GuestFrame.stdout:
      case GuestFrame.stderr:
      case GuestFrame.report:
      case GuestFrame.bulk:
      case GuestFrame.exited:
      case GuestFrame.closed:
      case GuestFrame.failed:
      case GuestFrame.stdinCredit:
      case GuestFrame.stdinClosed: {
        const session = this.#execs.get(frame.id);
        if (!session) throw brokenRule('a frame belongs to an exec that runs', describeFrame(frame));
        session.receive(frame);
        return;
      }
      case GuestFrame.reply:
        this.#requests.reply(frame);
        return;
      case GuestFrame.uevent:
        this.#onUeventFrame(frame);
        return;
      case GuestFrame.note:
        this.#onNoteFrame(frame);
        return;
      case GuestFrame.protocolError:
        throw rejectedByGuest(new PayloadReader(frame).string());
      default:
        throw brokenRule('HELLO comes once, and other types are known', describeFrame(frame));
    }
  }

  #onUeventFrame(frame: Frame): void {
    const event = new Map(new PayloadReader(frame).strings().map(pair));
    for (const listener of this.#uevents) listener(event);
  }

  #onNoteFrame(frame: Frame): void {
    const payload = new PayloadReader(frame);
    const level = payload.u32();
    const message = quoteGuestText(payload.string());
    payload.end();
    const note: GuestNote = { level: level <= 4 ? 'warning' : 'info', message };
    if (this.#notes.size === 0 && this.#keptNotes.length < MAX_KEPT_NOTES) this.#keptNotes.push(note);
    for (const listener of this.#notes) listener(note);
  }

  #lose(cause: Failure): void {
    if (this.#cause) return;
    this.#cause = cause;
    const asked = this.#shutDown && cause.code === 'guest-disconnected';
    this.#hello.reject(cause);
    for (const session of this.#execs.values()) session.lose(cause);
    this.#execs.clear();
    this.#requests.lose(cause);
    this.#onDrain();
    this.#socket.destroy();
    this.#closed.resolve(asked ? undefined : cause);
  }

  #followAbort(signal: AbortSignal): void {
    const onAbort = () => this.#lose(abortFailure(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void this.#closed.promise.then(() => signal.removeEventListener('abort', onAbort));
  }
}

function resumePayload({ epochNs, entropy }: Resume): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigInt64LE(epochNs);
  return Buffer.concat([time, entropy]);
}

function parseVitals(data: Buffer): GuestVitals {
  return {
    memoryKiB: Number(data.readBigUInt64LE(0)),
    filesKiB: Number(data.readBigUInt64LE(8)),
    hasPrinted: data.readUInt32LE(16) !== 0,
  };
}

async function orAborted(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) {
    await promise;
    return;
  }
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(abortFailure(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
