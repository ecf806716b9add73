import { collectErrorLines } from '../error-lines.ts';

const DIAGNOSTIC = /^\S+?:\d+(?::\d+)?: (?:fatal )?error: /;
/** gcc says these before the error that they belong to. */
const LEADS = /^(?:In file included from |\s+from |\S+: In (?:function|member|file)|\S+: At top level)/;
const OTHER =
  /undefined reference|^ERROR: modpost|^ld(?:\.lld)?: |^FAILED|\bnot found$|internal compiler error|out of memory|^BTF: |No rule to make target/;
const ENDS = /^(?: {2}[A-Z][A-Z0-9_]+ |make(?:\[\d+\])?: )/;
const LIMIT = 16;

export interface CompileErrors {
  add(line: string): void;
  /** The first real error with what the compiler shows around it; the last lines when there was none. */
  lines(): readonly string[];
}

/** Finds the error that stopped a build: with many jobs it is far above make's last line. */
export function collectCompileErrors(): CompileErrors {
  const fallback = collectErrorLines();
  const found: string[] = [];
  let leads: string[] = [];
  let state: 'before' | 'inside' | 'after' = 'before';
  let isDiagnostic = false;
  return {
    add: (line) => {
      fallback.add(line);
      if (state === 'after') return;
      const text = line.trimEnd().slice(0, 400);
      if (state === 'inside') {
        if (!ENDS.test(text) && found.length < LIMIT && !(DIAGNOSTIC.test(text) && found.length > 1)) {
          found.push(text);
          return;
        }
        state = 'after';
        return;
      }
      if (LEADS.test(text)) {
        leads = [...leads.slice(-3), text];
        return;
      }
      isDiagnostic = DIAGNOSTIC.test(text);
      if (isDiagnostic || (OTHER.test(text) && !ENDS.test(text))) {
        found.push(...leads, text);
        state = 'inside';
      }
      leads = [];
    },
    lines: () => (found.length > 0 ? found : fallback.lines()),
  };
}

/** What to do next, by what the error says. */
export function compileHint(lines: readonly string[]): string | undefined {
  const text = lines.join('\n');
  const missing = /(?:sh: \d+: |line \d+: )(\S+): (?:command )?not found/.exec(text)?.[1];
  if (missing)
    return `The image lacks "${missing}": add its package to images/build/packages, or build with --image.`;
  if (/Killed signal|out of memory|virtual memory exhausted|cannot allocate memory/i.test(text)) {
    return 'The compiler ran out of memory: give fewer jobs (--jobs) or more memory (--memory).';
  }
  if (/FAILED: load BTF|BTF: .*fail/i.test(text)) {
    return 'pahole and this tree do not agree on BTF: a tree from before 6.0 needs `pahole --skip_encoding_btf_enum64`.';
  }
  if (/No rule to make target .*\.pem/.test(text)) {
    return 'The configuration names a certificate that is not there: --set CONFIG_SYSTEM_TRUSTED_KEYS="" --set CONFIG_SYSTEM_REVOCATION_KEYS="".';
  }
  if (/\[-Werror/.test(text))
    return 'A warning counts as an error: --set CONFIG_WERROR=n, or make: { WERROR: "0" }.';
  return undefined;
}
