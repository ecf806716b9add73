import { ENVIRONMENT } from './parse/commands.ts';
import { flagsOf, TOP } from './parse/parse-words.ts';
import type { ArgumentSpec, CommandSpec, FlagSpec } from './parse/table.ts';
import { wrapText } from './text.ts';

/** Help for one command, or for devbox itself, made from the table. */
export function helpText(spec: CommandSpec, path: readonly string[]): string {
  const name = ['devbox', ...path].join(' ');
  const sections = [
    spec === TOP
      ? 'devbox: from scheduler source to a verdict on a real kernel, with one command.'
      : `${spec.summary}.`,
    `Usage: ${usageLine(spec, name)}`,
    ...(spec.details ?? []).map((paragraph) => wrapText(paragraph)),
    ...list(
      'Commands',
      (spec.commands ?? []).filter((sub) => !sub.hidden).map((sub) => [sub.name, sub.summary]),
    ),
    ...list('Arguments', argumentRows(spec)),
    ...list(
      'Flags',
      flagsOf(spec).map((flag) => [flagLabel(flag), flag.summary]),
    ),
    ...list(
      'Examples',
      (spec.examples ?? []).map(([command, what]) => [command, what]),
    ),
    ...(spec === TOP
      ? list(
          'Environment',
          ENVIRONMENT.map((variable) => [variable.name, variable.summary]),
        )
      : []),
    ...(spec === TOP ? ['`devbox help COMMAND` tells more about a command.'] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

function usageLine(spec: CommandSpec, name: string): string {
  return [
    name,
    ...(spec.commands ? ['COMMAND'] : []),
    ...((spec.flags ?? []).length > 0 ? ['[FLAGS]'] : []),
    ...(spec.args ?? []).map(argumentLabel),
    ...(spec.rest ? [spec.rest.required ? `-- ${spec.rest.label}…` : `[-- ${spec.rest.label}…]`] : []),
  ].join(' ');
}

function argumentLabel({ label, required, repeatable, choices }: ArgumentSpec): string {
  const name = `${choices ? choices.join('|') : label}${repeatable ? '…' : ''}`;
  return required ? name : `[${name}]`;
}

function argumentRows({ rest }: CommandSpec): [string, string][] {
  return rest && rest.summary !== '' ? [[`-- ${rest.label}…`, rest.summary]] : [];
}

function flagLabel({ name, short, value }: FlagSpec): string {
  const label = value ? ` ${value.choices ? value.choices.join('|') : value.label}` : '';
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${label}`;
}

function list(title: string, rows: readonly (readonly [string, string])[]): string[] {
  if (rows.length === 0) return [];
  const column = Math.min(34, Math.max(...rows.map(([label]) => label.length)));
  const lines = rows.flatMap(([label, text]) => {
    const indent = ' '.repeat(column + 4);
    const wrapped = wrapText(text, indent);
    // A label that is too long for its column gets a line of its own.
    if (label.length > column) return text === '' ? [`  ${label}`] : [`  ${label}`, `${indent}${wrapped}`];
    return [`  ${label.padEnd(column)}  ${wrapped}`.trimEnd()];
  });
  return [[`${title}:`, ...lines].join('\n')];
}
