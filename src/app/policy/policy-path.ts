import { closeSync, openSync, readSync } from 'node:fs';

const EXTENSION = /\.(?:ts|mts|js|mjs)$/;

export function isPolicyName(name: string): boolean {
  return EXTENSION.test(name);
}

/** Whether a path means a policy, by its extension; a file that begins with `#!` is a program that happens to be a script. */
export function isPolicyPath(path: string): boolean {
  return isPolicyName(path) && !startsWithInterpreter(path);
}

function startsWithInterpreter(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return false; // What is wrong with it is said when it is read as a policy.
  }
  try {
    const head = Buffer.alloc(2);
    return readSync(file, head, 0, 2, 0) === 2 && head.toString('latin1') === '#!';
  } catch {
    return false; // A directory.
  } finally {
    closeSync(file);
  }
}
