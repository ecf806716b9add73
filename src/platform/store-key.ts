import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { abortFailure } from '../core/failure.ts';

export type KeyInput =
  | string
  | number
  | boolean
  | null
  | readonly KeyInput[]
  | { readonly [name: string]: KeyInput };

/** SHA-256, in hex, over everything that goes into an artifact. The order of an object's names does not matter. */
export function keyOf(inputs: { readonly [name: string]: KeyInput }): string {
  return createHash('sha256').update(canonicalJson(inputs)).digest('hex');
}

/** JSON with sorted names and no spaces: equal values give equal bytes. */
export function canonicalJson(value: KeyInput): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries = Object.entries(value as { readonly [name: string]: KeyInput });
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonicalJson(item)}`).join(',')}}`;
}

/** SHA-256 of a file's content, in hex. */
export async function hashFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  // One buffer for all: those of a stream pile up faster than they are given back.
  const buffer = Buffer.allocUnsafe(2 ** 20);
  await using handle = await open(file);
  for (;;) {
    if (signal?.aborted) throw abortFailure(signal);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
  }
}
