import { formatBytes } from '../../core/units.ts';
import { collectGarbage, type Garbage } from '../../index.ts';
import { cancelOnSignals } from '../cancel.ts';
import { parseSize, value } from '../parse/guest-options.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { textTable } from '../text.ts';
import { print, printJson } from './print.ts';

export async function gc(parsed: ParsedCommand): Promise<number> {
  const controller = new AbortController();
  using _signals = cancelOnSignals(controller, () => process.exit(130));
  const maxSize = value(parsed, 'max-size');
  const dryRun = parsed.flags.has('dry-run');
  const garbage = await collectGarbage({
    dryRun,
    signal: controller.signal,
    ...(maxSize === undefined ? {} : { maxBytes: parseSize('max-size', maxSize) }),
  });
  await (parsed.flags.has('json') ? printJson(garbage) : print(garbageText(garbage, dryRun)));
  return 0;
}

function garbageText(
  { runs, containers, directories, artifacts, freedBytes, keptBytes }: Garbage,
  dryRun: boolean,
): string {
  const rows = [
    ...runs.map(({ runId, processes }) => ['run', runId, `killed; ${processes} processes left behind`]),
    ...(containers > 0 ? [['containers', String(containers), 'of killed builds']] : []),
    ...directories.map((path) => ['directory', path, 'not used for two weeks, or its source is gone']),
    ...artifacts.map(({ kind, key, bytes }) => [kind, key.slice(0, 12), formatBytes(bytes)]),
  ];
  const freed = `${dryRun ? 'Would free' : 'Freed'} ${formatBytes(freedBytes)}; ${formatBytes(keptBytes)} in the store.\n`;
  return textTable(rows) + freed;
}
