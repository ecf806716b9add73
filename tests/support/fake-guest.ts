import { type Duplex, duplexPair } from 'node:stream';
import {
  encodeFrame,
  type Frame,
  GuestFrame,
  HELLO_MAGIC,
  PROTOCOL_VERSION,
} from '../../src/vm/channel/frame.ts';
import { FrameDecoder } from '../../src/vm/channel/frame-decoder.ts';
import { u16, u32 } from '../../src/vm/channel/payload.ts';

export const HELLO_VALUES = ['release=7.2.0-test', 'vcpus=4', 'memory-kib=1048576', 'boot-ns=1500000000'];

export function helloPayload({
  magic = HELLO_MAGIC,
  lowest = PROTOCOL_VERSION,
  highest = PROTOCOL_VERSION,
  values = HELLO_VALUES,
} = {}): Buffer {
  return Buffer.concat([
    u32(magic),
    u16(lowest),
    u16(highest),
    ...values.map((value) => Buffer.from(`${value}\0`)),
  ]);
}

export function exitedPayload(code: number, signal = 0): Buffer {
  return Buffer.concat([u32(code), u32(signal), Buffer.alloc(16)]);
}

/** The guest's end of a connection, driven frame by frame. */
export interface FakeGuest {
  /** What the host is given. */
  readonly socket: Duplex;
  hello(): void;
  send(type: number, id?: number, payload?: Uint8Array): void;
  sendRaw(bytes: Uint8Array): void;
  /** The next frame of the host, in order. */
  receive(): Promise<Frame>;
  /** Frames that have come and were not received yet. */
  readonly waiting: readonly Frame[];
  hangUp(): void;
}

export function fakeGuest(): FakeGuest {
  const [socket, end] = duplexPair({ highWaterMark: 2 ** 20 });
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  const takers: ((frame: Frame) => void)[] = [];
  end.on('error', () => {});
  end.on('data', (chunk: Buffer) =>
    decoder.push(chunk, (frame) => {
      const taker = takers.shift();
      if (taker) taker(frame);
      else frames.push(frame);
    }),
  );
  const sendRaw = (bytes: Uint8Array) => void end.write(bytes);
  return {
    socket,
    sendRaw,
    waiting: frames,
    send: (type, id = 0, payload) => sendRaw(encodeFrame(type, id, payload)),
    hello: () => sendRaw(encodeFrame(GuestFrame.hello, 0, helloPayload())),
    receive: () => {
      const frame = frames.shift();
      return frame ? Promise.resolve(frame) : new Promise((resolve) => takers.push(resolve));
    },
    hangUp: () => end.end(),
  };
}
