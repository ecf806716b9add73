import { type FileHandle, open } from 'node:fs/promises';
import { abortFailure } from '../core/failure.ts';

/** Where one piece of a packed memory belongs: offset and length in bytes. */
export type Extent = readonly [offset: number, bytes: number];

const PAGE = 4096;
/** A gap as small as this costs less to copy than to leap over. */
const MAX_GAP = 4 * PAGE;
const PIECE = 2 ** 22;
const ZEROES = Buffer.alloc(2 ** 16);

/**
 * Writes to `to` what is not zero in `from`, without a gap, and returns where each piece belongs. A packed memory is an
 * ordinary file: it can be digested and copied by what knows nothing of holes.
 */
export async function packRam(from: FileHandle, to: string, signal: AbortSignal): Promise<Extent[]> {
  await using out = await open(to, 'wx', 0o600);
  const { size } = await from.stat();
  const piece = Buffer.allocUnsafe(PIECE);
  const extents: [number, number][] = [];
  for (let at = 0; at < size; at += PIECE) {
    if (signal.aborted) throw abortFailure(signal);
    const { bytesRead } = await from.read(piece, 0, PIECE, at);
    for (const [start, bytes] of usedParts(piece.subarray(0, bytesRead))) {
      append(extents, [at + start, bytes]);
      await out.write(piece, start, bytes);
    }
  }
  return extents;
}

/** Fills `to`, an empty file of the right size, with what `packRam` has packed. */
export async function unpackRam(
  from: FileHandle,
  extents: readonly Extent[],
  { to, signal }: { to: FileHandle; signal: AbortSignal },
): Promise<void> {
  const piece = Buffer.allocUnsafe(PIECE);
  let have = 0;
  let taken = 0;
  for (const [offset, bytes] of extents) {
    for (let done = 0; done < bytes; ) {
      if (taken === have) {
        if (signal.aborted) throw abortFailure(signal);
        ({ bytesRead: have } = await from.read(piece, 0, PIECE));
        if (have === 0) throw new RangeError('A packed memory is shorter than its list of extents.');
        taken = 0;
      }
      const part = Math.min(bytes - done, have - taken);
      await to.write(piece, taken, part, offset + done);
      taken += part;
      done += part;
    }
  }
}

/** Runs of pages that are not all zero. */
function usedParts(piece: Buffer): [number, number][] {
  const parts: [number, number][] = [];
  for (let block = 0; block < piece.length; block += ZEROES.length) {
    const end = Math.min(block + ZEROES.length, piece.length);
    if (isZero(piece, block, end)) continue;
    for (let page = block; page < end; page += PAGE) {
      if (!isZero(piece, page, page + PAGE)) append(parts, [page, PAGE], MAX_GAP);
    }
  }
  return parts;
}

/** Makes one of two extents with no more than `gap` bytes between them. */
function append(extents: [number, number][], [offset, bytes]: Extent, gap = 0): void {
  const last = extents.at(-1);
  if (last !== undefined && offset - (last[0] + last[1]) <= gap) last[1] = offset + bytes - last[0];
  else extents.push([offset, bytes]);
}

function isZero(piece: Buffer, start: number, end: number): boolean {
  return piece.compare(ZEROES, 0, end - start, start, end) === 0;
}
