import { clampSize, execFrames } from './exec-payload.ts';
import { BULK_DISK_BYTES, encodeFrame, type Frame, GuestFrame, HostFrame, MAX_BULK_BYTES } from './frame.ts';
import type { BulkSource } from './guest-channel.ts';
import { brokenRule, GuestError, quoteGuestText } from './guest-failure.ts';
import type { ExecOptions, GuestExit, GuestProcess, HeldProcess } from './guest-process.ts';
import { InputStream, stdinClosed } from './input-stream.ts';
import { OutputStream } from './output-stream.ts';
import { describeFrame, PayloadReader, u16, u32 } from './payload.ts';
import { signalName, signalNumber } from './signal-name.ts';

/** The guest runs up to this far ahead of its reader: less, and a busy host spends its time waking one for the other. */
const DEFAULT_WINDOW_BYTES = 4 * 2 ** 20;
const STREAM_NUMBERS = { stdout: 1, stderr: 2, report: 3 } as const;

export interface ExecSessionOptions {
  readonly id: number;
  readonly options: ExecOptions;
  readonly bulk: BulkSource | undefined;
  /** Resolves when the connection takes more. */
  readonly send: (frame: Buffer) => Promise<void>;
  /** Called once: the id is free again. */
  readonly onOver: () => void;
  /** It has been asked for, and runs. */
  readonly held?: HeldProcess;
}

/**
 * One exec as the guest's frames drive it: asked → started → exited → closed, or asked → failed. Frames that do not fit
 * the state are broken rules and throw.
 */
export class ExecSession {
  readonly started = Promise.withResolvers<GuestProcess>();
  readonly #id: number;
  readonly #bulk: BulkSource | undefined;
  readonly #send: (frame: Buffer) => Promise<void>;
  readonly #onOver: () => void;
  readonly #argv0: string;
  readonly #frames: Buffer[];
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream | undefined;
  readonly #report: OutputStream | undefined;
  readonly #stdin: InputStream;
  readonly #exited = Promise.withResolvers<GuestExit>();
  readonly #closed = Promise.withResolvers<void>();
  #state: 'asked' | 'started' | 'exited' | 'over' = 'asked';

  constructor({ id, options, bulk, send, onOver, held }: ExecSessionOptions) {
    const windowBytes = options.windowBytes ?? DEFAULT_WINDOW_BYTES;
    this.#id = id;
    this.#bulk = bulk;
    this.#send = send;
    this.#onOver = onOver;
    this.#frames = execFrames(id, options, windowBytes);
    this.#argv0 = quoteGuestText(options.argv[0] ?? '');
    const output = (stream: number, takenBytes = 0) =>
      new OutputStream(
        windowBytes,
        (bytes) => {
          const payload = Buffer.concat([u32(stream), u32(bytes)]);
          if (this.#state !== 'over') void send(encodeFrame(HostFrame.credit, id, payload));
        },
        takenBytes,
      );
    this.#stdout = output(STREAM_NUMBERS.stdout);
    this.#stderr = options.tty ? undefined : output(STREAM_NUMBERS.stderr);
    this.#report = options.report ? output(STREAM_NUMBERS.report, held?.reportedBytes) : undefined;
    this.#stdin = new InputStream(
      {
        sendBytes: (bytes) => void send(encodeFrame(HostFrame.stdin, id, bytes)),
        sendEof: () => void send(encodeFrame(HostFrame.stdinEof, id)),
      },
      options.stdin === true || options.tty !== undefined,
    );
    // Not everyone asks for each of these; what matters is told by the connection's own end, too.
    for (const { promise } of [this.started, this.#exited, this.#closed]) promise.catch(() => {});
    if (held) {
      this.#start(held.pid);
      this.#stdin.grant(held.stdinCredit);
    }
  }

  ask(): void {
    for (const frame of this.#frames.splice(0)) void this.#send(frame);
  }

  /** Nobody waits for it any more: it is killed, and what it says goes unread. */
  abandon(cause: unknown): void {
    this.started.reject(cause);
    for (const stream of [this.#stdout, this.#stderr, this.#report]) stream?.discard();
    void this.#signal('SIGKILL');
  }

  /** What another connection has to know of it, now that `reportedBytes` of its reports have been taken. */
  describe(pid: number, reportedBytes: number): HeldProcess {
    return { ...{ id: this.#id, pid, reportedBytes }, stdinCredit: this.#stdin.credit };
  }

  receive(frame: Frame): void {
    const allowed = this.#state === 'asked' ? BEFORE_START : AFTER_START;
    if (!allowed.has(frame.type))
      throw brokenRule(`no such frame for an exec that has ${this.#state}`, describeFrame(frame));
    const payload = new PayloadReader(frame);
    switch (frame.type) {
      case GuestFrame.started:
        this.#start(payload.u32());
        break;
      case GuestFrame.failed:
        this.#fail(payload.u32(), payload.string());
        break;
      case GuestFrame.stdout:
        this.#output(this.#stdout, frame, payload);
        break;
      case GuestFrame.stderr:
        this.#output(this.#stderr, frame, payload);
        break;
      case GuestFrame.report:
        this.#output(this.#report, frame, payload);
        break;
      case GuestFrame.bulk:
        this.#outputInBulk(frame, payload);
        break;
      case GuestFrame.stdinCredit:
        this.#stdin.grant(payload.u32());
        break;
      case GuestFrame.stdinClosed:
        this.#stdin.closedByProcess();
        break;
      case GuestFrame.exited:
        this.#exit(payload);
        break;
      case GuestFrame.closed:
        this.#close();
        break;
    }
    payload.end();
  }

  /** The connection is gone. */
  lose(cause: unknown): void {
    this.#state = 'over';
    this.started.reject(cause);
    this.#exited.reject(cause);
    this.#closed.reject(cause);
    this.#stdin.close(cause);
    for (const stream of [this.#stdout, this.#stderr, this.#report]) stream?.fail(cause);
  }

  #start(pid: number): void {
    this.#state = 'started';
    this.started.resolve({
      pid,
      stdout: this.#stdout,
      stderr: this.#stderr ?? emptyStream(),
      report: this.#report ?? emptyStream(),
      exited: this.#exited.promise,
      closed: this.#closed.promise,
      write: (bytes, { signal } = {}) => this.#stdin.write(bytes, signal),
      endStdin: () => this.#stdin.end(),
      signal: (signal) => this.#signal(signal),
      resize: (rows, cols) =>
        this.#sendIfAlive(HostFrame.resize, [u16(clampSize(rows)), u16(clampSize(cols))]),
    });
  }

  #fail(errno: number, step: string): void {
    const where = step === 'exec' ? '' : ` (${quoteGuestText(step)})`;
    this.started.reject(new GuestError(`The guest could not start ${this.#argv0}${where}`, errno));
    this.#over();
  }

  #output(stream: OutputStream | undefined, frame: Frame, payload: PayloadReader): void {
    if (!stream) throw brokenRule('an exec sends only the streams it was asked for', describeFrame(frame));
    const bytes = payload.rest();
    if (bytes.length === 0) throw brokenRule('output has at least one byte', describeFrame(frame));
    stream.receive(bytes);
  }

  #outputInBulk(frame: Frame, payload: PayloadReader): void {
    const [number, offset, length] = [payload.u32(), payload.u32(), payload.u32()];
    if (!this.#bulk) throw brokenRule('output in bulk needs its disk', describeFrame(frame));
    if (length === 0 || length > MAX_BULK_BYTES || offset + length > BULK_DISK_BYTES) {
      throw brokenRule('output in bulk lies on its disk', `${length} bytes at ${offset}`);
    }
    const streams = [this.#stdout, this.#stderr, this.#report];
    const stream = streams[number - 1];
    if (!stream) throw brokenRule('an exec sends only the streams it was asked for', `stream ${number}`);
    const bytes = this.#bulk.read(offset, length);
    void this.#send(encodeFrame(HostFrame.bulkTaken, this.#id));
    stream.receive(bytes);
  }

  #exit(payload: PayloadReader): void {
    if (this.#state !== 'started') throw brokenRule('an exec exits once', `id ${this.#id}`);
    this.#state = 'exited';
    const code = payload.u32();
    const signal = payload.u32();
    if (code > 255 || signal > 64 || (signal !== 0 && code !== 0)) {
      throw brokenRule('an exit is a code up to 255 or a signal up to 64', `code ${code}, signal ${signal}`);
    }
    const ending = signal === 0 ? { code } : { signal: signalName(signal) };
    this.#exited.resolve({ ...ending, userUs: payload.u64(), systemUs: payload.u64() });
  }

  #close(): void {
    if (this.#state !== 'exited') throw brokenRule('CLOSED follows EXITED', `id ${this.#id}`);
    this.#over();
    for (const stream of [this.#stdout, this.#stderr, this.#report]) stream?.end();
    this.#closed.resolve();
  }

  #over(): void {
    this.#state = 'over';
    this.#stdin.close(stdinClosed('the process ended'));
    this.#onOver();
  }

  #signal(signal: NodeJS.Signals | number): Promise<void> {
    return this.#sendIfAlive(HostFrame.signal, [u32(signalNumber(signal))]);
  }

  async #sendIfAlive(type: number, fields: readonly Buffer[]): Promise<void> {
    if (this.#state !== 'over') await this.#send(encodeFrame(type, this.#id, Buffer.concat(fields)));
  }
}

const BEFORE_START: ReadonlySet<number> = new Set([GuestFrame.started, GuestFrame.failed]);
const AFTER_START: ReadonlySet<number> = new Set([
  GuestFrame.stdout,
  GuestFrame.stderr,
  GuestFrame.report,
  GuestFrame.bulk,
  GuestFrame.stdinCredit,
  GuestFrame.stdinClosed,
  GuestFrame.exited,
  GuestFrame.closed,
]);

function emptyStream(): OutputStream {
  const stream = new OutputStream(0, () => {});
  stream.end();
  return stream;
}
