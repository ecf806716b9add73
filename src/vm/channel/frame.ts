/** The numbers of docs/guest-protocol.md. */
export const PROTOCOL_VERSION = 3;
export const HELLO_MAGIC = 0x58425644;
/** The name of the virtio-serial port. */
export const GUEST_PORT_NAME = 'org.devbox.guest';

export const FRAME_HEADER_BYTES = 12;
export const MAX_PAYLOAD_BYTES = 32_756;
export const MAX_EXECS = 64;
export const MAX_REQUESTS = 64;
/** An EXEC in all its parts, bytes. */
export const MAX_EXEC_BYTES = 2 ** 20;
/** What a sender may be allowed at a time, bytes. */
export const MAX_CREDIT_BYTES = 2 ** 30;
/** What a reply to READ_FILE carries at most; the rest is cut. */
export const MAX_FILE_BYTES = 32_000;
/** What a reply to VITALS carries. */
export const VITALS_BYTES = 20;
/** The size of the disk for output in bulk, and what a piece on it may be at most. */
export const BULK_DISK_BYTES = 2 ** 23;
export const MAX_BULK_BYTES = 2 ** 20;

export const HostFrame = {
  exec: 0x01,
  execPart: 0x02,
  stdin: 0x03,
  stdinEof: 0x04,
  signal: 0x05,
  resize: 0x06,
  credit: 0x07,
  mount: 0x08,
  syncClock: 0x09,
  readFile: 0x0a,
  writeFile: 0x0b,
  ping: 0x0c,
  shutdown: 0x0d,
  resume: 0x0e,
  bulkTaken: 0x0f,
  vitals: 0x10,
} as const;
export type HostFrameType = (typeof HostFrame)[keyof typeof HostFrame];

export const GuestFrame = {
  hello: 0x80,
  started: 0x81,
  stdout: 0x82,
  stderr: 0x83,
  report: 0x84,
  exited: 0x85,
  closed: 0x86,
  failed: 0x87,
  stdinCredit: 0x88,
  stdinClosed: 0x89,
  reply: 0x8a,
  uevent: 0x8b,
  note: 0x8c,
  protocolError: 0x8d,
  bulk: 0x8e,
} as const;

export const EXEC_TTY = 1;
export const EXEC_STDIN = 2;
export const EXEC_REPORT = 4;
export const EXEC_KEEP_LEFTOVERS = 8;
export const MOUNT_READ_ONLY = 1;

export interface Frame {
  readonly type: number;
  /** The exec or the request it belongs to; 0 for neither. */
  readonly id: number;
  readonly payload: Buffer;
}

/** Header and payload in one buffer, so that it leaves in one write. */
export function encodeFrame(type: number, id: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  if (payload.length > MAX_PAYLOAD_BYTES) throw new RangeError(`a payload of ${payload.length} bytes`);
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  frame.writeUInt32LE(type, 4); // Type, then flags and reserved, which are 0.
  frame.writeUInt32LE(id, 8);
  frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}
