import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { Failure } from '../../core/failure.ts';
import { type ByteSource, damaged } from './byte-source.ts';
import type { BzImageHeader } from './bzimage.ts';

export type PayloadFormat = 'gzip' | 'zstd' | 'xz' | 'lzma' | 'lz4' | 'bzip2' | 'lzo';

/** Undoes a compression that Node cannot; throws `Failure` when the data is damaged or larger than `limit` bytes. */
export type Decompress = (format: PayloadFormat, data: Buffer, limit: number) => Promise<Buffer>;

/** No x86 kernel without debug information comes near this. Bytes. */
const VMLINUX_LIMIT = 512 * 2 ** 20;

/** The kernel's own script looks for the same: scripts/extract-vmlinux. */
const MAGIC: readonly (readonly [PayloadFormat, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['lz4', [0x02, 0x21, 0x4c, 0x18]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['lzo', [0x89, 0x4c, 0x5a, 0x4f, 0x00]],
  ['lzma', [0x5d, 0x00, 0x00]],
];

/** The uncompressed vmlinux that a bzImage carries, without debug information. */
export async function extractVmlinux(
  source: ByteSource,
  header: BzImageHeader,
  decompress: Decompress,
): Promise<Buffer> {
  const { payloadOffset, payloadLength } = header;
  const payload = source.read(payloadOffset, payloadLength);
  const format = payloadFormat(payload);
  if (format === undefined) throw damaged(source.name, 'its payload is compressed in an unknown way');
  // The build appends the size of what was compressed, except to gzip, whose own last four bytes are that.
  const data = format === 'gzip' ? payload : payload.subarray(0, -4);
  const size = payload.length >= 8 ? payload.readUInt32LE(payload.length - 4) : 0;
  if (size === 0 || size > VMLINUX_LIMIT) throw damaged(source.name, `its payload claims ${size} bytes`);
  const vmlinux = await inflate(source.name, format, data, size, decompress);
  if (vmlinux.length !== size) {
    throw damaged(source.name, `its payload unpacks to ${vmlinux.length} bytes instead of ${size}`);
  }
  if (vmlinux.toString('latin1', 0, 4) !== '\x7fELF')
    throw damaged(source.name, 'its payload is no ELF file');
  return vmlinux;
}

export function payloadFormat(payload: Buffer): PayloadFormat | undefined {
  return MAGIC.find(([, magic]) => magic.every((byte, index) => payload[index] === byte))?.[0];
}

async function inflate(
  name: string,
  format: PayloadFormat,
  data: Buffer,
  size: number,
  decompress: Decompress,
) {
  try {
    if (format === 'gzip') return gunzipSync(data, { maxOutputLength: size });
    if (format === 'zstd') return zstdDecompressSync(data, { maxOutputLength: size });
    return await decompress(format, data, size);
  } catch (cause) {
    if (cause instanceof Failure && (cause.kind !== 'build' || cause.code === 'disk-full')) throw cause;
    throw damaged(name, `its ${format} payload cannot be unpacked (${(cause as Error).message})`);
  }
}
