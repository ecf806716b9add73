import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { abortFailure, Failure } from '../../core/failure.ts';
import { formatBytes } from '../../core/units.ts';
import { isDiskFull } from '../../platform/store-disk-full.ts';

export interface DownloadOptions {
  /** An absolute path, or a URL: https, http or file. */
  readonly location: string;
  readonly file: string;
  readonly sha256: string;
  readonly progress: (detail: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const MAX_REDIRECTS = 10;
/** Without a byte. */
const SILENCE_MS = 60_000;

/** Copies what lies at a place into a file; throws `Failure` unless it came whole and has the digest. */
export async function download(options: DownloadOptions): Promise<void> {
  const { location, file, sha256, progress, signal } = options;
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const { stream, length } = await openLocation(location, signal);
    const count = async function* (source: AsyncIterable<Buffer>) {
      let said = 0;
      for await (const chunk of source) {
        hash.update(chunk);
        bytes += chunk.length;
        if (bytes - said > STEP)
          progress(`${formatBytes(bytes)}${length ? ` of ${formatBytes(length)}` : ''}`);
        if (bytes - said > STEP) said = bytes;
        yield chunk;
      }
    };
    await pipeline(stream, count, createWriteStream(file), signal ? { signal } : {});
    if (length !== undefined && bytes !== length) throw new Error(`${bytes} of ${length} bytes came`);
  } catch (cause) {
    if (signal?.aborted) throw abortFailure(signal);
    if (cause instanceof Failure || isDiskFull(cause)) throw cause;
    throw failed(location, cause as Error);
  }
  const found = hash.digest('hex');
  if (found !== sha256) throw wrongDigest(location, sha256, found, bytes);
}

const STEP = 8 * 2 ** 20;

async function openLocation(
  location: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly stream: Readable; readonly length?: number }> {
  if (location.startsWith('/')) return { stream: createReadStream(location) };
  if (location.startsWith('file:')) return { stream: createReadStream(fileURLToPath(location)) };
  const withoutProxy = http.setGlobalProxyFromEnv();
  try {
    const stream = await get(new URL(location), MAX_REDIRECTS, signal);
    const length = stream.headers['content-length'];
    return { stream, ...(length !== undefined && { length: Number(length) }) };
  } finally {
    withoutProxy();
  }
}

async function get(url: URL, redirects: number, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  const { request } = url.protocol === 'https:' ? https : http;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(
      url,
      { headers: { 'accept-encoding': 'identity' }, ...(signal && { signal }) },
      resolve,
    );
    asked.setTimeout(SILENCE_MS, () => asked.destroy(new Error(`no byte came for ${SILENCE_MS / 1000} s`)));
    asked.on('error', reject);
    asked.end();
  });
  const { statusCode = 0, headers } = response;
  if (statusCode === 200) return response;
  response.destroy();
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined && redirects > 0) {
    const next = new URL(headers.location, url);
    if (/^https?:$/.test(next.protocol)) return get(next, redirects - 1, signal);
  }
  throw new Error(`the server answered ${statusCode} ${response.statusMessage ?? ''}`.trim());
}

function failed(location: string, cause: Error): Failure {
  const why = cause.message || (cause as NodeJS.ErrnoException).code;
  return new Failure({
    kind: 'build',
    code: 'download-failed',
    message: `Cannot fetch ${location}: ${why}.`,
    hint: 'Check the address and the network (and https_proxy, if you need one), then try again.',
    cause,
  });
}

function wrongDigest(location: string, wanted: string, found: string, bytes: number): Failure {
  return new Failure({
    kind: 'build',
    code: 'digest-mismatch',
    message: `${location} has another SHA-256 than was given, and was not unpacked.`,
    evidence: [`given  ${wanted}`, `found  ${found} (${bytes} bytes)`],
    hint: 'Compare with the digest that its publisher gives. When the archive was meant to change, give the new one.',
  });
}
