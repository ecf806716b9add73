import type { Tone } from '../../results/styled-line.ts';

export type ColorChoice = 'auto' | 'always' | 'never';

/** https://no-color.org: any value that is not empty switches colours off, unless the command line asks for them. */
export function wantsColor(
  choice: ColorChoice,
  isTty: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (choice !== 'auto') return choice === 'always';
  return isTty && !env.NO_COLOR && env.TERM !== 'dumb';
}

const SGR = {
  dim: [2, 22],
  strong: [1, 22],
  good: [32, 39],
  bad: [31, 39],
  warning: [33, 39],
  cyan: [36, 39],
  blue: [34, 39],
  magenta: [35, 39],
} as const;

export type Paint = keyof typeof SGR;

/** Text in a colour; as it is when colours are off. */
export function paint(text: string, how: Paint | undefined, color: boolean): string {
  if (!color || how === undefined || text === '') return text;
  const [on, off] = SGR[how];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

export function tonePaint(tone: Tone): Paint | undefined {
  return tone === 'plain' ? undefined : tone;
}
