import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** As far as the kernel itself looks: include/uapi/linux/binfmts.h, `BINPRM_BUF_SIZE`. */
const LINE_BYTES = 256;

/**
 * The words that run a script which may not be executed, by its `#!` line, as the kernel would read it: the interpreter, and
 * what follows as one argument. None for a program that may.
 */
export function interpreterOf(path: string): readonly string[] {
  if ((statSync(path).mode & 0o111) !== 0) return [];
  const [, program, argument] = /^#![ \t]*(\S+)(?:[ \t]+(.*\S))?/.exec(firstLine(path)) ?? [];
  return [program, argument].filter((word) => word !== undefined);
}

function firstLine(path: string): string {
  const buffer = Buffer.alloc(LINE_BYTES);
  const file = openSync(path, 'r');
  try {
    const [line = ''] = buffer.subarray(0, readSync(file, buffer)).toString('utf8').split('\n');
    return line;
  } finally {
    closeSync(file);
  }
}
