import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { HELD_REPORT, type HeldOrder } from '../held-program.ts';
import type { NativeAddon } from './addon.ts';
import { drawAnew } from './draw-anew.ts';
import type { WriteReport } from './report.ts';

/** Of /proc/PID/stat, counted from the one behind the name: where in memory the command line begins and ends. */
const ARG_START = 45;
const ARG_END = 46;

/**
 * Waits for the host's order and becomes what it says: directory, environment, command line. Everything stands still meanwhile, for the
 * guest may be frozen; what was drawn by chance before that is the same in each of its clones, and is drawn anew. Returns
 * the words of the command line behind the script.
 */
export function awaitOrder({
  addon,
  report,
}: {
  addon: NativeAddon;
  report: WriteReport;
}): readonly string[] {
  report(HELD_REPORT);
  const order = JSON.parse(readFileSync(0, 'utf8')) as HeldOrder;
  process.chdir(order.cwd);
  Object.assign(process.env, order.env);
  showCommandLine(order.argv);
  drawAnew(addon);
  return order.argv.slice(2);
}

/** What others see of this process, as `ps` does, `pgrep -f` and `pidof`: as if it had been started so. What is too long is cut. */
function showCommandLine(argv: readonly string[]): void {
  const fields = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  const [start, end] = [Number(fields[ARG_START]), Number(fields[ARG_END])];
  if (!(start > 0 && end > start)) return;
  const words = Buffer.alloc(end - start);
  Buffer.from(argv.map((word) => `${word}\0`).join('')).copy(words, 0, 0, words.length - 1);
  const memory = openSync('/proc/self/mem', 'r+');
  try {
    writeSync(memory, words, 0, words.length, start);
  } finally {
    closeSync(memory);
  }
}
