import type { SubtestResult } from '../../core/test-result.ts';

export interface TestPoint {
  /** Empty: it has none. */
  readonly name: string;
  readonly outcome: SubtestResult['outcome'];
  readonly reason?: string;
  readonly ms?: number;
  /** What stood behind the `#` when it was no directive: kselftest's `exit=1`, `TIMEOUT 45 seconds`. */
  readonly remark?: string;
}

const DIRECTIVE = /^\s*(skip(?:ped)?|todo|xfail)(?::|(?=\s|$))\s*(.*)$/is;
const TIME = /^\s*time=(\d+(?:\.\d+)?)ms\s*$/;

/**
 * What follows `ok 1`. `isKernel`: KTAP knows no escapes, TAP writes `\#` for a hash that is part of the name.
 * A hash followed by something other than a blank and a directive (`#12`) is part of the name, too.
 */
export function readTestPoint(ok: boolean, rest: string, isKernel: boolean): TestPoint {
  const [left, right] = splitAtHash(rest, isKernel);
  const name = left
    .trim()
    .replace(/^-(?:\s+|$)/, '')
    .trim();
  const outcome = ok ? 'passed' : 'failed';
  const directive = DIRECTIVE.exec(right);
  if (directive) {
    const reason = withoutEscapes(directive[2] as string, isKernel).trim();
    return {
      name,
      outcome: directiveOutcome((directive[1] as string).toLowerCase(), outcome),
      ...(reason === '' ? {} : { reason }),
    };
  }
  const time = TIME.exec(right);
  if (time) return { name, outcome, ms: Number(time[1]) };
  const remark = right.trim();
  return { name, outcome, ...(remark === '' ? {} : { remark }) };
}

/** kselftest prints `ok` for what failed as expected (XFAIL); a TODO that says `ok` has come true. */
function directiveOutcome(directive: string, outcome: 'passed' | 'failed'): SubtestResult['outcome'] {
  if (directive.startsWith('skip')) return 'skipped';
  return directive === 'xfail' || outcome === 'failed' ? 'todo' : 'passed';
}

/** The name without its escapes, and what follows the hash that ends it. */
function splitAtHash(text: string, isKernel: boolean): readonly [string, string] {
  for (let at = text.indexOf('#'); at !== -1; at = text.indexOf('#', at + 1)) {
    const isApart = at === 0 || /\s/.test(text[at - 1] as string);
    const right = text.slice(at + 1);
    if (isApart && (/^(?:\s|$)/.test(right) || DIRECTIVE.test(right))) {
      return [withoutEscapes(text.slice(0, at), isKernel), right];
    }
  }
  return [withoutEscapes(text, isKernel), ''];
}

function withoutEscapes(text: string, isKernel: boolean): string {
  return isKernel ? text : text.replace(/\\([\\#])/g, '$1');
}
