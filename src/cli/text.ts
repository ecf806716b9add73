import { type AgentFlag, rangeText } from '../core/agent-flag.ts';
import { escapeForTerminal } from '../core/escape-bytes.ts';
import { tableLines } from '../results/table.ts';

const TEXT_WIDTH = 100;

/** Rows as a table, left-aligned, with its last newline; safe for a terminal. */
export function textTable(rows: readonly (readonly string[])[], indent = ''): string {
  return tableLines(rows, () => false)
    .map((row) => `${indent}${escapeForTerminal(row)}\n`)
    .join('');
}

/** The flags of an agent or a workload, one a line, with their defaults and what they may be. */
export function flagTable(flags: readonly AgentFlag[]): string {
  const rows = flags.map((flag) => {
    const known = [flag.defaultText && `default ${flag.defaultText}`, rangeText(flag)]
      .filter(Boolean)
      .join('; ');
    return [`--${flag.name} ${flag.placeholder}`, `${flag.summary}${known === '' ? '' : ` (${known})`}`];
  });
  return textTable(rows, '  ');
}

/** A paragraph in lines of at most `TEXT_WIDTH`; all but the first begin with `indent`. */
export function wrapText(text: string, indent = ''): string {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && indent.length + current.length + 1 + word.length > TEXT_WIDTH) {
      lines.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, current].join(`\n${indent}`);
}

/** How long ago something was, in the one unit that says most: `3 min ago`, `2 days ago`. */
export function formatAge(iso: string, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return `${days} day${days === 1 ? '' : 's'} ago`;
}
