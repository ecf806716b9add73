import { createInterface } from 'node:readline/promises';

/** Asks on the terminal, yes being the default; undefined when standard input or error is not one. */
export function canAsk(signal: AbortSignal): ((question: string) => Promise<boolean>) | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await lines.question(`${question} [Y/n] `, { signal });
      return /^\s*(?:y(?:es)?)?\s*$/i.test(answer);
    } finally {
      lines.close();
    }
  };
}
