import { writeSync } from 'node:fs';

/** One JSON object a line. The reader cuts at 64 KiB; everything here stays below. */
const MAX_LINE_BYTES = 60 * 1024;
const MAX_DUMP_CHARS = 32 * 1024;

export type WriteReport = (report: Readonly<Record<string, unknown>>) => void;

/** Writes to the descriptor in DEVBOX_REPORT_FD; without one, reports go nowhere. */
export function reportWriter(env: NodeJS.ProcessEnv = process.env): WriteReport {
  const fd = /^\d{1,4}$/.test(env.DEVBOX_REPORT_FD ?? '') ? Number(env.DEVBOX_REPORT_FD) : undefined;
  if (fd === undefined) return () => undefined;
  let open = true;
  return (report) => {
    if (!open) return;
    try {
      writeAll(fd, Buffer.from(`${JSON.stringify(report)}\n`));
    } catch {
      // Nobody reads: an agent goes on scheduling without.
      open = false;
    }
  };
}

function writeAll(fd: number, bytes: Buffer): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(fd, bytes, done);
}

/** A dump that fits a report: at most 32 Ki characters and 60 KiB as JSON; says so when it was cut. */
export function boundedDump(dump: string): { readonly dump: string; readonly dumpTruncated?: true } {
  let kept = dump.slice(0, MAX_DUMP_CHARS);
  while (jsonBytes(kept) > MAX_LINE_BYTES - 8192) kept = kept.slice(0, Math.floor(kept.length * 0.75));
  return kept.length === dump.length ? { dump } : { dump: kept, dumpTruncated: true };
}

/** A text of any length as parts that fit a report each; joined they are the text again. */
export function* chunks(text: string): Generator<string> {
  let start = 0;
  while (start < text.length) {
    let size = MAX_LINE_BYTES - 1024;
    while (jsonBytes(text.slice(start, start + size)) > MAX_LINE_BYTES - 512) size = Math.floor(size / 2);
    // Both halves of a surrogate pair go into the same part.
    if (/[\uD800-\uDBFF]$/.test(text.slice(start, start + size)) && start + size < text.length) size -= 1;
    yield text.slice(start, start + size);
    start += size;
  }
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
