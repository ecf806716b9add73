import { once } from 'node:events';
import type { Socket } from 'node:net';
import { encodeFrame, type Frame, MAX_PAYLOAD_BYTES } from '../channel/frame.ts';
import { FrameDecoder } from '../channel/frame-decoder.ts';

/**
 * What passes a guest's door: one connection for one process, in frames as those of the guest protocol. What is no stream of
 * bytes is JSON; no connection has ids or credit, the socket holds back who is too fast.
 */
export const DOOR_SOCKET = 'door.sock';

/** Cuts what comes into frames; the socket waits while one is worked on. */
export async function* readFrames(socket: Socket): AsyncGenerator<Frame, void, undefined> {
  const decoder = new FrameDecoder();
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    const frames: Frame[] = [];
    decoder.push(chunk, (frame) => void frames.push(frame));
    yield* frames;
  }
}

/** Resolves when the other side takes more, or has gone. */
export async function writeFrame(socket: Socket, type: number, payload?: Uint8Array): Promise<void> {
  if (socket.destroyed || socket.write(encodeFrame(type, 0, payload))) return;
  const either = new AbortController();
  const { signal } = either;
  const waits = [once(socket, 'drain', { signal }), once(socket, 'close', { signal })];
  await Promise.race(waits).catch(() => {}); // An error is followed by its close.
  either.abort();
  await Promise.allSettled(waits);
}

/** The same for a stream of any length. */
export async function writeBytes(socket: Socket, type: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += MAX_PAYLOAD_BYTES)
    await writeFrame(socket, type, bytes.subarray(at, at + MAX_PAYLOAD_BYTES));
}

export function writeJson(socket: Socket, type: number, value: unknown): Promise<void> {
  return writeFrame(socket, type, Buffer.from(JSON.stringify(value)));
}

/** Throws a SyntaxError for what is no JSON. */
export function readJson({ payload }: Frame): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(payload.toString('utf8'));
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
