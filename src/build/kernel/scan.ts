import type { ByteSource } from './byte-source.ts';

const CHUNK = 2 ** 20;

/** Calls back at every place where `needle` is, until it returns a value. Memory is bounded whatever the size. */
export function scanFor<T>(
  source: ByteSource,
  needle: string,
  found: (offset: number) => T | undefined,
): T | undefined {
  const bytes = Buffer.from(needle, 'latin1');
  for (let start = 0; start < source.size; start += CHUNK) {
    // Each chunk overlaps the next, so that a needle across the border is found once.
    const chunk = source.read(start, Math.min(CHUNK + bytes.length - 1, source.size - start));
    for (let at = chunk.indexOf(bytes); at >= 0; at = chunk.indexOf(bytes, at + 1)) {
      const value = found(start + at);
      if (value !== undefined) return value;
    }
  }
  return undefined;
}

/** The release of an uncompressed kernel, from the banner it will print first. */
export function scanForRelease(source: ByteSource): string | undefined {
  const banner = 'Linux version ';
  return scanFor(source, banner, (offset) => {
    const start = offset + banner.length;
    const text = source.read(start, Math.min(160, source.size - start)).toString('latin1');
    return /^(\d[!-~]{0,127}) \(/.exec(text)?.[1];
  });
}
