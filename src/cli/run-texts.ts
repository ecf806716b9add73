import { escapeForTerminal } from '../core/escape-bytes.ts';
import { shellWord } from '../core/shell-word.ts';
import { formatDuration } from '../core/units.ts';
import { type RunEntry, readEvents } from '../index.ts';
import { addToSummary, EMPTY_SUMMARY } from '../results/summary.ts';
import { summaryLines } from '../results/summary-lines.ts';
import { tableLines } from '../results/table.ts';
import { bareLine } from './render/format-line.ts';

/** `runs list`: newest first. */
export function runListText(entries: readonly RunEntry[]): string {
  if (entries.length === 0) return 'There are no runs in this directory.\n';
  const rows = entries.map((entry) => [entry.id, stateText(entry), tookText(entry), commandText(entry)]);
  const lines = tableLines([['ID', 'VERDICT', 'TOOK', 'COMMAND'], ...rows], (column) => column === 2);
  return `${lines.map(escapeForTerminal).join('\n')}\n`;
}

/** `runs show`: the summary, as it stood below the live output. */
export async function runShowText(entry: RunEntry): Promise<string> {
  let summary = EMPTY_SUMMARY;
  for await (const event of readEvents(entry.dir)) summary = addToSummary(summary, event);
  const heading = `run ${entry.id}, started ${entry.info?.startedAt ?? 'at an unknown time'}: ${stateText(entry)}\n`;
  const body = summaryLines({ ...summary, record: entry.dir }).map((line) => bareLine(line, false));
  return heading + body.join('');
}

function stateText({ state }: RunEntry): string {
  return state.kind === 'finished' ? (state.result.verdict?.kind ?? 'unknown') : state.kind;
}

function tookText({ state }: RunEntry): string {
  return state.kind === 'finished' ? formatDuration(state.result.durationMs) : '';
}

function commandText({ info }: RunEntry): string {
  return info ? `devbox ${info.command.map(shellWord).join(' ')}` : '(the record is damaged)';
}
