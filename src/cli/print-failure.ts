import { inspect } from 'node:util';
import { Bug } from '../core/bug.ts';
import { escapeForTerminal } from '../core/escape-bytes.ts';
import { Failure } from '../core/failure.ts';
import { verdictOfFailure } from '../core/judge.ts';
import { EXIT_BUG, EXIT_HOST, EXIT_USAGE, VERDICT_EXIT_CODES } from '../core/verdict.ts';
import { paint } from './render/style.ts';

export interface PrintOptions {
  readonly color: boolean;
  /** Show stack and causes, too. */
  readonly debug: boolean;
}

/** An error as a user reads it, with its newline: what happened, the evidence, what to do next. */
export function failureText(error: unknown, options: PrintOptions): string {
  const lines = error instanceof Failure ? failureLines(error) : bugLines(error, options);
  const [first = '', ...rest] = lines.map(escapeForTerminal);
  const stack = options.debug
    ? [escapeForTerminal(inspect(error instanceof Bug ? error.cause : error, { depth: 6 }))]
    : [];
  return `${[`${paint('devbox:', 'bad', options.color)} ${first}`, ...rest, ...stack].join('\n')}\n`;
}

function failureLines(failure: Failure): string[] {
  return [
    failure.message,
    ...failure.evidence.map((text) => `  │ ${text}`),
    ...(failure.log === undefined ? [] : [`  whole log: ${failure.log}`]),
    ...(failure.hint === undefined ? [] : [`  hint: ${failure.hint}`]),
  ];
}

function bugLines(error: unknown, { debug }: PrintOptions): string[] {
  const crashLog = error instanceof Bug ? error.crashLog : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return [
    `This is a bug in devbox: ${message}`,
    ...(crashLog === undefined ? [] : [`  The details are in ${crashLog}`]),
    ...(debug || crashLog !== undefined ? [] : ['  hint: --debug shows where.']),
  ];
}

export function failureExitCode(error: unknown): number {
  if (!(error instanceof Failure)) return EXIT_BUG;
  if (error.kind === 'usage') return EXIT_USAGE;
  if (error.kind === 'host') return EXIT_HOST;
  return VERDICT_EXIT_CODES[verdictOfFailure(error)];
}
