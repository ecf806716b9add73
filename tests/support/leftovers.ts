import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

/** What a run with this XDG_RUNTIME_DIR has left on the machine: sockets and leases, processes that name it, mounts. */
export function leftovers(runtimeDir: string): string[] {
  return [...files(join(runtimeDir, 'devbox')), ...processes(runtimeDir), ...mounts(runtimeDir)];
}

function files(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((name) => `file ${name}`);
  } catch {
    return [];
  }
}

function processes(runtimeDir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const words = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
      return words.includes(runtimeDir) ? [`process ${pid} ${words.slice(0, 120)}`] : [];
    });
}

function mounts(runtimeDir: string): string[] {
  return read('/proc/self/mounts')
    .split('\n')
    .filter((line) => line.includes(runtimeDir))
    .map((line) => `mount ${line}`);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The kernel ends the children of a killed process, but a moment later: waits for that, at most ten seconds. */
export async function untilGone(runtimeDir: string): Promise<void> {
  const end = performance.now() + 10_000;
  while (processes(runtimeDir).length > 0 && performance.now() < end) await setImmediate();
}
