import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile } from '../../platform/store-key.ts';

/** A user has a few kernels at a time; older answers are forgotten. */
const KEEP = 100;

type Known = Readonly<Record<string, { readonly stamp: string; readonly sha256: string }>>;

/** SHA-256 of a file, remembered while the file is what it was: a kernel with debug information takes a second to read. */
export async function digestOf(file: string, cache: string, signal?: AbortSignal): Promise<string> {
  const stat = statSync(file, { bigint: true });
  const stamp = `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
  const memory = join(cache, 'digests.json');
  const known = recall(memory);
  const remembered = known[file];
  if (remembered?.stamp === stamp) return remembered.sha256;
  const sha256 = await hashFile(file, signal);
  const { [file]: _old, ...others } = recall(memory);
  const entries = [...Object.entries(others), [file, { stamp, sha256 }] as const].slice(-KEEP);
  mkdirSync(cache, { recursive: true });
  writeFileSync(`${memory}.${process.pid}`, JSON.stringify(Object.fromEntries(entries)));
  renameSync(`${memory}.${process.pid}`, memory);
  return sha256;
}

function recall(memory: string): Known {
  try {
    return JSON.parse(readFileSync(memory, 'utf8')) as Known;
  } catch {
    return {};
  }
}
