/** Longest line that is kept whole; a longer one is handed on in pieces. */
const LIMIT = 16 * 1024;

export interface LineSplitter {
  add(chunk: Buffer): void;
  /** Hands on a last line that had no newline. */
  end(): void;
}

/** Calls back with every line of a stream of bytes, without its newline. Memory is bounded. */
export function splitLines(onLine: (line: string) => void): LineSplitter {
  const decoder = new TextDecoder();
  let rest = '';
  return {
    add: (chunk) => {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
      if (rest.length > LIMIT) {
        onLine(rest);
        rest = '';
      }
    },
    end: () => {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
