const ERROR =
  /(^|[\s:])(fatal )?error:|(^|\s)(E|ERROR|FATAL): |undefined reference|\*\*\* |No such file|cannot find |[Nn]o space left|[Hh]ash [Ss]um mismatch|not found$|Permission denied/;
/** make's and apt's lines that only say that something above failed. */
const ECHO = /^make(\[\d+\])?: \*\*\*|^W: |^I: /;
const LINE_LIMIT = 400;

export interface ErrorLines {
  add(line: string): void;
  /**
   * The lines that say what went wrong first: compilers bury one real error under what follows from it. The last
   * lines when none looks like an error.
   */
  lines(): readonly string[];
}

/** Watches a build's output go by and keeps the few lines worth quoting. */
export function collectErrorLines(limit = 8): ErrorLines {
  const real: string[] = [];
  const echoes: string[] = [];
  const last: string[] = [];
  return {
    add: (line) => {
      const text = line.trimEnd().slice(0, LINE_LIMIT);
      if (text === '') return;
      last.push(text);
      if (last.length > limit) last.shift();
      if (!ERROR.test(text)) return;
      const list = ECHO.test(text) ? echoes : real;
      if (list.length < limit) list.push(text);
    },
    lines: () => [real, echoes].find((list) => list.length > 0) ?? last,
  };
}
