import { gunzipSync } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';
import { scanFor } from './scan.ts';

/** More than any kernel's configuration, bytes. */
const CONFIG_LIMIT = 4 * 2 ** 20;

/** Parses a .config: option to value as written (`y`, `m`, `"text"`, `0x10`). Options that are not set are not in it. */
export function parseKconfig(text: string): Map<string, string> {
  const config = new Map<string, string>();
  for (const match of text.matchAll(/^(CONFIG_\w+)=(.*)$/gm))
    config.set(match[1] as string, (match[2] as string).trim());
  return config;
}

/** The configuration inside an uncompressed kernel built with CONFIG_IKCONFIG: a gzip file between two marks. */
export function readEmbeddedConfig(source: ByteSource): string | undefined {
  return scanFor(source, 'IKCFG_ST', (offset) => {
    const start = offset + 'IKCFG_ST'.length;
    const bytes = source.read(start, Math.min(CONFIG_LIMIT, source.size - start));
    const end = bytes.indexOf('IKCFG_ED');
    if (end < 0) return undefined;
    try {
      return gunzipSync(bytes.subarray(0, end), { maxOutputLength: CONFIG_LIMIT }).toString('latin1');
    } catch {
      return undefined; // The marks can be anywhere, in scripts/extract-ikconfig's text for one.
    }
  });
}
