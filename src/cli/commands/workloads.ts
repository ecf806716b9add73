import { listWorkloads, type Workload } from '../../index.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { flagTable, textTable } from '../text.ts';
import { print, printJson } from './print.ts';

export async function workloads(parsed: ParsedCommand): Promise<number> {
  const all = await listWorkloads();
  await (parsed.flags.has('json') ? printJson(all) : print(workloadListText(all)));
  return 0;
}

function workloadListText(all: readonly Workload[]): string {
  const list = textTable(all.map(({ name, summary }) => [name, summary]));
  const flags = all
    .filter((workload) => workload.flags.length > 0)
    .map((workload) => `${workload.name}:\n${flagTable(workload.flags)}`);
  return `${[list, 'Flags, as in --workload "spin: --duration 2s":', ...flags].join('\n')}`;
}
