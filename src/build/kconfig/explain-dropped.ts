import { configLine } from './parse-fragment.ts';
import type { ConfigRequest, DroppedOption, MissingDependency } from './request.ts';

/** As many names as help; a symbol may be selected by hundreds. */
const NAMES = 8;
const EXPRESSION = 200;

/** A whole .config of another kernel loses hundreds; the first ones tell what kind of mistake it is. */
const OPTIONS = 25;

/** For people: for each option what was asked and where, what it came to, why, and what to add. */
export function explainDropped(dropped: readonly DroppedOption[]): string[] {
  const lines = dropped
    .slice(0, OPTIONS)
    .flatMap((option) => [
      `${where(option.request.from)}: ${configLine(option.request)} came out as ${option.actual}.`,
      ...why(option).map((line) => `  ${line}`),
    ]);
  const rest = dropped.length - OPTIONS;
  return rest > 0 ? [...lines, `… and ${rest} more.`] : lines;
}

/** Lines for a fragment after which everything in `dropped` that can be had comes out: one for each symbol. */
export function linesToAdd(dropped: readonly DroppedOption[]): string[] {
  const lines = new Map<string, string>();
  for (const line of dropped.flatMap(({ reason }) => additions(reason))) {
    const symbol = /CONFIG_\w+/.exec(line)?.[0] ?? line;
    const known = lines.get(symbol);
    // What is enough for one as a module must be built in for another.
    if (known === undefined || line.endsWith('=y')) lines.set(symbol, line);
  }
  return [...lines.values()];
}

function additions(reason: DroppedOption['reason']): readonly string[] {
  if (reason.kind === 'dependency') return reason.missing.flatMap(({ add }) => add);
  return reason.kind === 'no-prompt' ? reason.add : [];
}

function why({ request, reason }: DroppedOption): string[] {
  switch (reason.kind) {
    case 'unknown':
      return [
        `This kernel has no option CONFIG_${request.symbol}.${reason.nearest === undefined ? '' : ` Did you mean CONFIG_${reason.nearest}?`}`,
      ];
    case 'dependency':
      return [
        `It depends on ${shorten(reason.expression)}.`,
        ...reason.missing.map(missing),
        ...toAdd(additions(reason)),
        ...(reason.missing.every(({ add }) => add.length === 0)
          ? ['Nothing that was tried makes that hold.']
          : []),
      ];
    case 'selected':
      return [
        `It is selected by ${names(reason.by)}: switch ${reason.by.length === 1 ? 'that' : 'those'} off.`,
      ];
    case 'no-prompt':
      return [
        'It cannot be set: this kernel asks for it nowhere, it follows from others.',
        ...(reason.selectedBy.length > 0 ? [`It is selected by ${names(reason.selectedBy)}.`] : []),
        ...toAdd(reason.add),
      ];
    case 'choice':
      return [`Only one of its choice can be taken, and CONFIG_${reason.taken} was.`];
    case 'other':
      return [reason.text];
    default:
      return reason satisfies never;
  }
}

function missing({ symbol, needs, is, asked }: MissingDependency): string {
  const name = /^\w+$/.test(symbol) ? `CONFIG_${symbol}` : symbol;
  return `${name} is ${is}, must be ${needs}${asked === undefined ? '' : `: ${where(asked)} asks for ${is}`}.`;
}

function toAdd(lines: readonly string[]): string[] {
  const unique = [...new Set(lines)];
  return unique.length === 0 ? [] : [`Add: ${unique.join(', ')}`];
}

function names(symbols: readonly string[]): string {
  const shown = symbols.slice(0, NAMES).map((symbol) => `CONFIG_${symbol}`);
  const rest = symbols.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function where(from: ConfigRequest['from']): string {
  return from.line === undefined ? from.file : `${from.file}:${from.line}`;
}

function shorten(text: string): string {
  return text.length <= EXPRESSION ? text : `${text.slice(0, EXPRESSION)}…`;
}
