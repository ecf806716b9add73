/** What printk puts before a line: `<6>[    1.234567][   T12] `. */
const STAMP = /^(?:<\d+>)?\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?/;
/** Of prefixes within prefixes. */
const MAX_NESTING = 8;
const NESTED_VERSION = /^# K?TAP version \d+\s*$/;

export interface UnwrappedLine {
  /** Columns; a tab is four, as the kernel's own tests once used it. */
  readonly indent: number;
  readonly content: string;
}

/** The line without the kernel's time stamp; undefined when it has none. */
export function withoutStamp(line: string): string | undefined {
  const match = STAMP.exec(line);
  return match ? line.slice(match[0].length) : undefined;
}

/**
 * kselftest puts `# ` before every line of the tests it runs, those of their TAP too. From a `# TAP version` on such a
 * prefix is an indentation of two; without one it is a comment, which is what most lines that begin like that are.
 */
export class HashNesting {
  /** Indentations at which prefixes begin. */
  #bases: readonly number[] = [];

  unwrap(line: string, mayBegin: boolean): UnwrappedLine {
    let { indent, content } = measure(line, 0);
    while (content[0] === '#') {
      const begins = mayBegin && NESTED_VERSION.test(content);
      if (begins && !this.#bases.includes(indent) && this.#bases.length < MAX_NESTING) {
        this.#bases = [...this.#bases, indent];
      }
      if (!this.#bases.includes(indent) || !/^#(?: |$)/.test(content)) break;
      ({ indent, content } = measure(content.slice(2), indent + 2));
    }
    return { indent, content };
  }

  /** Where the innermost prefix around a line with this indentation begins; -1 when there is none. */
  baseAt(indent: number): number {
    return this.#bases.filter((base) => base < indent).reduce((last, base) => Math.max(last, base), -1);
  }

  /** A result at this indentation ends what was nested in it. */
  endAt(indent: number): void {
    if (this.#bases.length > 0) this.#bases = this.#bases.filter((base) => base < indent);
  }
}

function measure(text: string, from: number): UnwrappedLine {
  let indent = from;
  let at = 0;
  for (; text[at] === ' ' || text[at] === '\t'; at += 1) indent += text[at] === ' ' ? 1 : 4;
  return { indent, content: at === 0 ? text : text.slice(at) };
}
