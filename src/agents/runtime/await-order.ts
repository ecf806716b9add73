import { readFileSync, writeFileSync } from 'node:fs';
import { HELD_REPORT, type HeldOrder } from '../held-program.ts';
import type { NativeAddon } from './addon.ts';
import { drawAnew } from './draw-anew.ts';
import type { WriteReport } from './report.ts';

const COMMAND_NAME = '/proc/self/comm';

/**
 * Waits for the host's order and becomes what it says: directory, environment, title. Everything stands still meanwhile, for the
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
  const name = readFileSync(COMMAND_NAME);
  process.title = order.argv.join(' ');
  writeFileSync(COMMAND_NAME, name); // Which the title has changed, too.
  drawAnew(addon);
  return order.argv.slice(2);
}
