/** What a line is, its indentation and any wrapping taken off. */
export type TapLine =
  | { readonly kind: 'version'; readonly isKernel: boolean }
  | { readonly kind: 'plan'; readonly first: number; readonly last: number; readonly reason: string }
  | {
      readonly kind: 'result';
      readonly ok: boolean;
      /** Undefined: it has none. */
      readonly number?: number;
      /** All that follows: name, directive. */
      readonly rest: string;
    }
  | { readonly kind: 'bail-out'; readonly reason: string }
  /** `# Subtest: name`. */
  | { readonly kind: 'subtest' }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'yaml' }
  | { readonly kind: 'blank' }
  /** Anything else: what the test, or the kernel, printed in between. */
  | { readonly kind: 'text' };

const VERSION = /^(K?)TAP version \d+\s*$/;
const PLAN = /^(\d+)\.\.(\d+)\s*(?:#\s*(.*))?$/s;
const RESULT = /^(not )?ok(?:\s+(\d+))?(?:\s+(.*))?$/s;
const BAIL_OUT = /^bail out!\s*(.*)$/is;

/**
 * TAP 13, TAP 14 and KTAP 1. Pragmas are text: none changes what devbox does.
 * https://testanything.org/tap-version-14-specification.html, https://docs.kernel.org/dev-tools/ktap.html
 */
export function readTapLine(content: string): TapLine {
  switch (content[0]) {
    case undefined:
      return { kind: 'blank' };
    case 'o':
    case 'n':
      return readResult(content);
    case '#':
      if (/^# Subtest(?::|$)/.test(content)) return { kind: 'subtest' };
      return { kind: 'comment', text: content.slice(content[1] === ' ' ? 2 : 1) };
    case '-':
      return /^---\s*$/.test(content) ? { kind: 'yaml' } : { kind: 'text' };
    case 'T':
    case 'K': {
      const version = VERSION.exec(content);
      return version ? { kind: 'version', isKernel: version[1] !== '' } : { kind: 'text' };
    }
    case 'B':
    case 'b': {
      const bailOut = BAIL_OUT.exec(content);
      return bailOut ? { kind: 'bail-out', reason: (bailOut[1] ?? '').trim() } : { kind: 'text' };
    }
    default:
      return readPlan(content);
  }
}

function readResult(content: string): TapLine {
  const match = RESULT.exec(content);
  if (!match) return { kind: 'text' };
  const [, not, number, rest = ''] = match;
  return {
    kind: 'result',
    ok: not === undefined,
    ...(number === undefined ? {} : { number: Number(number) }),
    rest,
  };
}

function readPlan(content: string): TapLine {
  const match = PLAN.exec(content);
  if (!match) return { kind: 'text' };
  const reason = (match[3] ?? '').replace(/^skip\S*\s*/i, '').trim();
  return { kind: 'plan', first: Number(match[1]), last: Number(match[2]), reason };
}
