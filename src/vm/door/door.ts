import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { constants } from 'node:os';
import { GuestFrame, HostFrame } from '../channel/frame.ts';
import type { GuestChannel } from '../channel/guest-channel.ts';
import { GuestError } from '../channel/guest-failure.ts';
import type { ExecOptions, GuestProcess } from '../channel/guest-process.ts';
import { readFrames, readJson, writeBytes, writeJson } from './door-frames.ts';

export interface DoorOptions {
  readonly channel: Pick<GuestChannel, 'exec'>;
  /** Of the socket; its directory is private to the user. */
  readonly path: string;
  /** Where processes start that name no directory. */
  readonly cwd: string;
  /** Aborted when the guest ends. */
  readonly signal: AbortSignal;
}

const MAX_VISITORS = 16;

/**
 * Lets other processes of this user start programs in a guest that belongs to this one: `devbox shell --run ID`. Disposing
 * ends those programs and closes the door.
 */
export async function openDoor(options: DoorOptions): Promise<Disposable> {
  const visitors = new Set<Socket>();
  const server = createServer((socket) => {
    visitors.add(socket);
    socket.on('error', () => {}); // 'close' follows.
    socket.on('close', () => visitors.delete(socket));
    void receive(socket, options).catch(() => socket.destroy());
  });
  server.maxConnections = MAX_VISITORS;
  server.listen(options.path);
  await once(server, 'listening');
  server.unref(); // Nobody's run goes on just because somebody might come.
  return {
    [Symbol.dispose]: () => {
      server.close();
      for (const socket of visitors) socket.destroy();
      rmSync(options.path, { force: true });
    },
  };
}

async function receive(socket: Socket, { channel, cwd, signal }: DoorOptions): Promise<void> {
  const frames = readFrames(socket);
  const { value: first } = await frames.next();
  if (first?.type !== HostFrame.exec) throw new Error('a visitor first says what to start');
  const request = { cwd, ...readJson(first) } as unknown as ExecOptions;
  const process = await channel.exec(request, { signal }).catch((error: unknown) => error as Error);
  if (process instanceof Error) {
    const errno = process instanceof GuestError ? errnoNumber(process.errno) : constants.errno.EIO;
    await writeJson(socket, GuestFrame.failed, { errno, message: process.message });
    socket.end();
    return;
  }
  // Whoever goes away leaves nothing running.
  socket.on('close', () => void process.signal('SIGKILL').catch(() => {}));
  await writeJson(socket, GuestFrame.started, { pid: process.pid });
  void takeInput(frames, process, socket).catch(() => socket.destroy());
  await Promise.all([
    forward(process.stdout, GuestFrame.stdout, socket),
    forward(process.stderr, GuestFrame.stderr, socket),
    forward(process.report, GuestFrame.report, socket),
  ]);
  await writeJson(socket, GuestFrame.exited, await process.exited);
  socket.end();
}

async function forward(stream: AsyncIterable<Uint8Array>, type: number, socket: Socket): Promise<void> {
  for await (const bytes of stream) await writeBytes(socket, type, bytes);
}

async function takeInput(
  frames: ReturnType<typeof readFrames>,
  process: GuestProcess,
  socket: Socket,
): Promise<void> {
  for await (const frame of frames) {
    switch (frame.type) {
      case HostFrame.stdin:
        // It may take no more; what it prints and how it ends is still to come.
        await process.write(frame.payload).catch(() => writeJson(socket, GuestFrame.stdinClosed, {}));
        break;
      case HostFrame.stdinEof:
        await process.endStdin();
        break;
      case HostFrame.signal:
        await process.signal(readJson(frame).signal as NodeJS.Signals);
        break;
      case HostFrame.resize: {
        const { rows, cols } = readJson(frame);
        await process.resize(Number(rows), Number(cols));
        break;
      }
      default:
        throw new Error(`a visitor sent a frame of type ${frame.type}`);
    }
  }
}

function errnoNumber(name: string): number {
  return (constants.errno as Readonly<Record<string, number>>)[name] ?? constants.errno.EIO;
}
