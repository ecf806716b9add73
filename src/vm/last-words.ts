import type { Child } from '../platform/child.ts';

const KEEP_CHARACTERS = 8192;
const KEEP_LINES = 20;

/** Keeps the last lines that a child writes to its standard error, for the day it fails. */
export function lastWords(child: Child): () => string[] {
  let tail = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-KEEP_CHARACTERS);
  });
  return () =>
    tail
      .trimEnd()
      .split('\n')
      .slice(-KEEP_LINES)
      .filter((line) => line !== '');
}
