export interface MakeProgress {
  /** Object files compiled so far. */
  readonly objects: number;
  readonly warnings: number;
  /** The file that make spoke of last. */
  readonly file: string;
}

const STEP = /^ {2}([A-Z][A-Z0-9_]+)(?: \[[MU]\])? +(\S+)/;
const OBJECT = /^(?:CC|AS|RUSTC)$/;
const WARNING = /(?:^|\s)warning: /i;

/** Reads make's output as it goes by. */
export function createMakeProgress() {
  let objects = 0;
  let warnings = 0;
  let file = '';
  return {
    /** Returns whether the line told of a step. */
    add: (line: string): boolean => {
      const step = STEP.exec(line);
      if (!step) {
        if (WARNING.test(line)) warnings += 1;
        return false;
      }
      file = step[2] as string;
      if (OBJECT.test(step[1] as string)) objects += 1;
      return true;
    },
    now: (): MakeProgress => ({ objects, warnings, file }),
  };
}
