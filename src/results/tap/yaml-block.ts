import type { DiagnosticsBudget } from './diagnostics.ts';
import type { KeptResult } from './kept-result.ts';

/** Collects the block that follows a result: the lines between `---` and `...`, or up to one that is not indented so far. */
export class YamlReader {
  readonly #budget: DiagnosticsBudget;
  readonly #maxLines: number;
  #result: KeptResult | undefined;
  #indent: number | undefined;
  #lines: string[] = [];

  constructor(budget: DiagnosticsBudget, maxLines: number) {
    this.#budget = budget;
    this.#maxLines = maxLines;
  }

  get isReading(): boolean {
    return this.#indent !== undefined;
  }

  /** `result`: undefined when it was not kept; the block is passed over. */
  begin(indent: number, result: KeptResult | undefined): void {
    this.#indent = indent;
    this.#result = result;
  }

  /** Whether the line was part of a block. */
  read(indent: number, content: string): boolean {
    if (this.#indent === undefined) return false;
    if (content !== '' && indent < this.#indent) {
      this.end();
      return false;
    }
    if (indent === this.#indent && content.trimEnd() === '...') this.end();
    else if (this.#lines.length < this.#maxLines) {
      this.#lines.push(`${' '.repeat(Math.max(0, indent - this.#indent))}${content}`);
    }
    return true;
  }

  end(): void {
    const block = readYamlBlock(this.#lines);
    const result = this.#result;
    this.#indent = undefined;
    this.#result = undefined;
    this.#lines = [];
    if (!result) return;
    if (block.ms !== undefined) result.ms = block.ms;
    this.#budget.add(result, block.lines);
  }
}

/** What the lines between `---` and `...` come to; no more of YAML is understood than devbox needs, the rest is text. */
export interface YamlBlock {
  readonly lines: readonly string[];
  readonly ms?: number;
}

/**
 * Takes out `duration_ms`, and the lines of a `diagnostics` list as this program writes it (each a JSON string), so that
 * what was written is what is read.
 */
export function readYamlBlock(raw: readonly string[]): YamlBlock {
  const lines: string[] = [];
  let ms: number | undefined;
  let isList = false;
  for (const line of raw) {
    const duration = /^duration_ms: (\d+(?:\.\d+)?(?:e[+-]\d+)?)$/.exec(line);
    const item: string | undefined = isList ? jsonItem(line) : undefined;
    if (item !== undefined) lines.push(item);
    else {
      isList = line === 'diagnostics:';
      if (duration) ms = Number(duration[1]);
      else if (!isList) lines.push(line);
    }
  }
  return { lines, ...(ms === undefined ? {} : { ms }) };
}

function jsonItem(line: string): string | undefined {
  if (!line.startsWith('  - "')) return undefined;
  try {
    const value: unknown = JSON.parse(line.slice(4));
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
