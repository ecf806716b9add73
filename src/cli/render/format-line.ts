import { escapeForTerminal } from '../../core/escape-bytes.ts';
import type { StyledLine } from '../../results/styled-line.ts';
import { SOURCE_PAINT, SOURCE_WIDTH, type Source } from './source.ts';
import { paint, tonePaint } from './style.ts';

/** `[  1.234] console   │ text`, with its newline. Text that holds newlines becomes as many lines. */
export function timedLine(t: number, source: Source, { text, tone }: StyledLine, color: boolean): string {
  const time = paint(`[${(t / 1000).toFixed(3).padStart(7)}]`, 'dim', color);
  const label = paint(source.padEnd(SOURCE_WIDTH), SOURCE_PAINT[source], color);
  const start = `${time} ${label} │`;
  const show = (part: string) => {
    const shown = paint(escapeForTerminal(part), tonePaint(tone), color);
    return part === '' ? `${start}\n` : `${start} ${shown}\n`;
  };
  return text.split('\n').map(show).join('');
}

/** A line of the summary, with its newline. */
export function bareLine({ text, tone }: StyledLine, color: boolean): string {
  return `${paint(escapeForTerminal(text), tonePaint(tone), color)}\n`;
}
