import type { Readable } from 'node:stream';

/** A line of the progress that a daemon reports of a build, a pull or an import. */
export interface ProgressMessage {
  /** What a build's step says. */
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
  readonly aux?: { readonly ID?: string };
}

const LIMIT = 2 ** 20;

/** Reads a stream of JSON lines to its end. Rejects when it breaks off. */
export function readMessages(stream: Readable, onMessage: (message: ProgressMessage) => void): Promise<void> {
  let rest = '';
  const take = (line: string) => {
    if (line.trim() === '') return;
    try {
      onMessage(JSON.parse(line) as ProgressMessage);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  };
  return new Promise((resolve, reject) => {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(0, LIMIT);
      for (const line of lines) take(line);
    });
    stream.once('end', () => {
      take(rest);
      resolve();
    });
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('it broke off')));
  });
}
