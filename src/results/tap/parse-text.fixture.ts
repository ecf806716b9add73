import { TapParser, type TapParserOptions } from './tap-parser.ts';
import type { TapResult } from './tap-result.ts';

export function parseText(lines: readonly string[], options?: TapParserOptions): TapResult {
  const parser = new TapParser(options);
  parser.push(lines.map((line) => `${line}\n`).join(''));
  return parser.end();
}

/** `outer › inner: outcome (reason)` for each. */
export function shown({ subtests }: TapResult): string[] {
  return subtests.map(
    ({ path, outcome, reason }) =>
      `${path.join(' › ')}: ${outcome}${reason === undefined ? '' : ` (${reason})`}`,
  );
}
