import { type ByteSource, damaged, truncated, wrongArchitecture } from './byte-source.ts';

/** The setup header of a bzImage; see Documentation/arch/x86/boot.rst. */
export interface BzImageHeader {
  /** Boot protocol version, `0x020f`. */
  readonly protocol: number;
  /** As `uname -r` will print it. */
  readonly release: string;
  /** Where the compressed vmlinux lies in the file, bytes. */
  readonly payloadOffset: number;
  readonly payloadLength: number;
}

const SETUP_SECTS = 0x1f1;
const SYSSIZE = 0x1f4;
const VERSION = 0x206;
const KERNEL_VERSION = 0x20e;
const XLOADFLAGS = 0x236;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
const HEADER_END = 0x264;
const XLF_KERNEL_64 = 1;

/** Reads the header of a file that `identifyKernel` called a bzImage. */
export function readBzImageHeader(source: ByteSource): BzImageHeader {
  const head = source.read(0, HEADER_END);
  const protocol = head.readUInt16LE(VERSION);
  // 2.08 (2007) tells where the payload is, 2.12 (2013) whether the kernel is 64-bit.
  if (protocol < 0x0208)
    throw damaged(source.name, `boot protocol ${protocol.toString(16)} is older than 2.08`);
  if (protocol >= 0x020c && (head.readUInt16LE(XLOADFLAGS) & XLF_KERNEL_64) === 0) {
    throw wrongArchitecture(source.name, '32-bit x86');
  }
  const setupSects = head.readUInt8(SETUP_SECTS) || 4;
  const setupBytes = (setupSects + 1) * 512;
  const whole = setupBytes + head.readUInt32LE(SYSSIZE) * 16;
  const payloadOffset = setupBytes + head.readUInt32LE(PAYLOAD_OFFSET);
  const payloadLength = head.readUInt32LE(PAYLOAD_LENGTH);
  // The last 16-byte paragraph may be cut in unsigned images.
  const end = Math.max(whole - 15, payloadOffset + payloadLength);
  if (end > source.size) throw truncated(source.name, `${end} bytes`, source.size);
  return { protocol, release: readRelease(source, head), payloadOffset, payloadLength };
}

function readRelease(source: ByteSource, head: Buffer): string {
  const pointer = head.readUInt16LE(KERNEL_VERSION);
  if (pointer === 0) throw damaged(source.name, 'it names no release');
  const offset = 0x200 + pointer;
  const text = source.read(offset, Math.max(0, Math.min(256, source.size - offset))).toString('latin1');
  const release = /^[!-~]{1,128}(?=[ \0])/.exec(text)?.[0];
  if (release === undefined) throw damaged(source.name, 'it names no release');
  return release;
}
