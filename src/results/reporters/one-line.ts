import { escapeForTerminal } from '../../core/escape-bytes.ts';

/** What a guest said, as part of one line of a report that people print to their terminals. */
export function oneLine(text: string): string {
  return escapeForTerminal(text.replace(/[\r\n]+/g, ' ')).trim();
}

/** The lines of what a guest said; the end of the last line is no line of its own. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
