import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { Failure } from '../../core/failure.ts';
import { type Frame, GuestFrame, HostFrame, MAX_PAYLOAD_BYTES } from '../channel/frame.ts';
import type { GuestChannel, Waiting } from '../channel/guest-channel.ts';
import { GuestError } from '../channel/guest-failure.ts';
import type { ExecOptions, GuestExit, GuestProcess } from '../channel/guest-process.ts';
import { stdinClosed } from '../channel/input-stream.ts';
import type { GuestOutputStream } from '../channel/output-stream.ts';
import { readFrames, readJson, writeBytes, writeFrame, writeJson } from './door-frames.ts';

/** Starts processes in a guest of another devbox, by the socket that is its door. */
export function throughDoor(path: string): Pick<GuestChannel, 'exec'> {
  return { exec: (options, waiting) => enter(path, options, waiting) };
}

async function enter(path: string, options: ExecOptions, { signal }: Waiting = {}): Promise<GuestProcess> {
  const request = Buffer.from(JSON.stringify(options));
  if (request.length > MAX_PAYLOAD_BYTES) throw tooLarge(request.length);
  const socket = connect(path);
  socket.on('error', () => {}); // The end of the frames says that it is gone.
  const close = () => socket.destroy();
  signal?.addEventListener('abort', close, { once: true });
  socket.once('close', () => signal?.removeEventListener('abort', close));
  try {
    await once(socket, 'connect', signal ? { signal } : {});
    await writeFrame(socket, HostFrame.exec, request);
    const frames = readFrames(socket);
    const { value: first } = await frames.next();
    if (first?.type === GuestFrame.failed) throw notStarted(first, options);
    if (first?.type !== GuestFrame.started) throw hasEnded();
    return follow(socket, frames, Number(readJson(first).pid));
  } catch (error) {
    socket.destroy();
    throw signal?.aborted ? signal.reason : error instanceof Failure ? error : hasEnded();
  }
}

type Output = PassThrough & GuestOutputStream;

function output(): Output {
  const stream = new PassThrough();
  stream.on('error', () => {}); // Whoever reads it is told.
  return Object.assign(stream, { discard: () => void stream.resume() });
}

function follow(socket: Socket, frames: ReturnType<typeof readFrames>, pid: number): GuestProcess {
  const streams = { stdout: output(), stderr: output(), report: output() };
  const exited = Promise.withResolvers<GuestExit>();
  exited.promise.catch(() => {}); // Whoever reads the streams is told, too.
  let takesInput = true;
  let sent: Promise<void> = Promise.resolve();
  /** One after another: an end must not overtake what was written before it. */
  const inTurn = (send: () => Promise<void>) => {
    sent = sent.then(send);
    return sent;
  };
  const take = async (frame: Frame) => {
    if (frame.type === GuestFrame.stdout) await pass(streams.stdout, frame.payload);
    else if (frame.type === GuestFrame.stderr) await pass(streams.stderr, frame.payload);
    else if (frame.type === GuestFrame.report) await pass(streams.report, frame.payload);
    else if (frame.type === GuestFrame.stdinClosed) takesInput = false;
    else if (frame.type === GuestFrame.exited) exited.resolve(readJson(frame) as unknown as GuestExit);
  };
  const closed = (async () => {
    try {
      for await (const frame of frames) await take(frame);
      exited.reject(hasEnded()); // Without effect when it did exit.
      await exited.promise;
      for (const stream of Object.values(streams)) stream.end();
    } catch (error) {
      exited.reject(error);
      for (const stream of Object.values(streams)) stream.destroy(error as Error);
      throw error;
    }
  })();
  closed.catch(() => {});
  return {
    ...{ pid, ...streams, exited: exited.promise, closed },
    write: async (bytes) => {
      if (!takesInput || socket.destroyed) throw stdinClosed('the process closed it');
      await inTurn(() => writeBytes(socket, HostFrame.stdin, bytes));
    },
    endStdin: () => inTurn(() => writeFrame(socket, HostFrame.stdinEof)),
    signal: (signal) => writeJson(socket, HostFrame.signal, { signal }),
    resize: (rows, cols) => writeJson(socket, HostFrame.resize, { rows, cols }),
  };
}

/** Resolves when the stream takes more: nothing else is read from the socket until then. */
async function pass(stream: PassThrough, bytes: Buffer): Promise<void> {
  if (!stream.write(bytes)) await once(stream, 'drain');
}

function notStarted(frame: Frame, { argv }: ExecOptions): GuestError {
  return new GuestError(`The guest could not start ${argv[0]}`, Number(readJson(frame).errno));
}

function hasEnded(): Failure {
  return new Failure({
    kind: 'guest',
    code: 'guest-gone',
    message: 'The guest has ended, and what ran in it.',
    hint: '`devbox ps` lists the guests that run.',
  });
}

function tooLarge(bytes: number): Failure {
  return new Failure({
    kind: 'usage',
    code: 'exec-too-large',
    message: `The command and its environment have ${bytes} bytes; through the door of a guest go ${MAX_PAYLOAD_BYTES}.`,
  });
}
