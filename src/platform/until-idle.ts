import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

/**
 * Resolves when no thread of a process, or of its descendants, has anything to do or waits for a CPU to do it; at the
 * latest after `maxMs`. For a peer that answers nothing: what it was sent it has taken by then. There is no event for
 * that, so this looks again and again; on a machine with an idle CPU once or twice.
 */
export async function untilIdle(pid: number, maxMs: number): Promise<void> {
  const end = performance.now() + maxMs;
  for (let looks = 0; looks < 2 && performance.now() < end; ) {
    looks = isIdle(pid) ? looks + 1 : 0;
    await setImmediate();
  }
}

function isIdle(pid: number): boolean {
  return listDirectory(`/proc/${pid}/task`).every((thread) => {
    const task = `/proc/${pid}/task/${thread}`;
    const state = /\) (\S)/.exec(readText(`${task}/stat`))?.[1];
    const children = readText(`${task}/children`).split(' ').filter(Boolean);
    return (state === undefined || 'SZX'.includes(state)) && children.every((child) => isIdle(Number(child)));
  });
}

function listDirectory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
