import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where in a source file something went wrong. */
export interface SourcePlace {
  /** Absolute. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column?: number;
  /** The line itself, unless it cannot be read. */
  readonly text?: string;
}

/**
 * Where an error says that it comes from: what Node wrote above the stack of a mistake in the source, else the topmost
 * frame in a file, ours and Node's own left out. `ours` tells which files are ours.
 */
export function errorPlace(stack: string, ours: (file: string) => boolean): SourcePlace | undefined {
  return arrowPlace(stack) ?? framePlace(stack, ours);
}

/** `/a/b.ts:2`, some source lines, and below the wrong one a row of carets. */
function arrowPlace(stack: string): SourcePlace | undefined {
  const lines = stack.split('\n');
  const head = /^((?:file:\/\/)?\/.*):(\d+)$/.exec(lines[0] ?? '');
  const carets = lines.findIndex((line) => /^\s*\^+\s*$/.test(line));
  if (!head || carets < 1) return undefined;
  const text = lines[carets - 1] as string;
  const column = (lines[carets] as string).indexOf('^') + 1;
  return { file: pathOf(head[1] as string), line: Number(head[2]), column, text };
}

function framePlace(stack: string, ours: (file: string) => boolean): SourcePlace | undefined {
  for (const line of stack.split('\n')) {
    const frame = /^\s+at (?:.*\()?((?:file:\/\/)?\/[^)]*?):(\d+):(\d+)\)?$/.exec(line);
    if (!frame) continue;
    const file = pathOf(frame[1] as string);
    if (ours(file)) continue;
    return withText({ file, line: Number(frame[2]), column: Number(frame[3]) });
  }
  return undefined;
}

/** The place with its line, when that can be read. */
export function withText(place: Omit<SourcePlace, 'text'>): SourcePlace {
  const text = sourceLine(place.file, place.line);
  return text === undefined ? place : { ...place, text };
}

function pathOf(name: string): string {
  return name.startsWith('file:') ? fileURLToPath(name.replace(/\?.*$/, '')) : name;
}

function sourceLine(file: string, line: number): string | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n')[line - 1];
  } catch {
    return undefined;
  }
}

/** `my-policy.ts:3:7`, and below it the line with a caret under the column. */
export function placeText({ file, line, column }: SourcePlace): string {
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}

const MAX_SHOWN = 160;

export function placeLines({ text, column }: SourcePlace): string[] {
  if (text === undefined || text.length > MAX_SHOWN) return [];
  const caret = column === undefined ? [] : [`${text.slice(0, column - 1).replace(/[^\t]/g, ' ')}^`];
  return [text, ...caret];
}
