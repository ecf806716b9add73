import { statSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child.ts';
import { cacheDir } from './paths.ts';
import { readSmallJson, writeSmallJson } from './small-json.ts';

export interface QemuVersion {
  readonly major: number;
  readonly minor: number;
  readonly text: string;
}

export const OLDEST_QEMU = { major: 7, minor: 2 } as const;

/** What `--version` of a QEMU says, remembered until the program changes. Undefined when it says nothing sensible. */
export async function qemuVersion(qemu: string, signal?: AbortSignal): Promise<QemuVersion | undefined> {
  const file = join(cacheDir(), 'qemu-version.json');
  const { mtimeMs, size } = statSync(qemu);
  const key = [qemu, mtimeMs, size].join(' ');
  const known = readSmallJson<{ key?: string; version?: QemuVersion }>(file);
  if (known?.key === key && known.version) return known.version;
  const { stdout } = await runChild({ argv: [qemu, '--version'], ...(signal && { signal }) });
  const version = parseQemuVersion(stdout);
  if (version) writeSmallJson(file, { key, version });
  return version;
}

export function parseQemuVersion(text: string): QemuVersion | undefined {
  const match = /version (\d+)\.(\d+)(\.\d+)?/.exec(text);
  if (!match) return undefined;
  return {
    major: Number(match[1]),
    minor: Number(match[2]),
    text: `${match[1]}.${match[2]}${match[3] ?? ''}`,
  };
}

export function isNewEnough({ major, minor }: QemuVersion): boolean {
  return major > OLDEST_QEMU.major || (major === OLDEST_QEMU.major && minor >= OLDEST_QEMU.minor);
}
