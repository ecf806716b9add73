import { enterGuest } from '../enter-guest.ts';
import { execCommand } from '../exec.ts';
import { openShell } from '../shell.ts';
import type { UserTerminal } from '../use-case.ts';
import { directoryOf, type GuestOptions, guestRequestOf, type Place } from './guest-options.ts';
import { type Outcome, perform, type RunContext } from './perform.ts';

export interface ExecOptions extends GuestOptions, RunContext {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** Its standard input is read from here. Default: there is none. */
  readonly terminal?: UserTerminal;
}

export function exec(options: ExecOptions): Promise<Outcome> {
  const { argv, terminal } = options;
  const request = { ...guestRequestOf(options), command: argv };
  const { cwd } = request;
  return perform({ useCase: 'exec', request, cwd, ...(terminal && { terminal }) }, execCommand, options);
}

export interface ShellOptions extends GuestOptions, RunContext {
  /** What runs on the terminal. Default: a login shell. */
  readonly argv?: readonly string[];
  readonly terminal: UserTerminal;
}

export function shell(options: ShellOptions): Promise<Outcome> {
  const { argv = [], terminal } = options;
  const request = { ...guestRequestOf(options), command: argv };
  return perform({ useCase: 'shell', request, cwd: request.cwd, terminal }, openShell, options);
}

export interface EnterOptions extends Omit<RunContext, 'setUp'>, Place {
  /** As `listGuests` has it, the beginning of that, or `latest`. */
  readonly guest: string;
  /** A shell, or a command, on the terminal, or a command with its standard input. */
  readonly as: 'shell' | 'exec';
  /** Default: a login shell. */
  readonly argv?: readonly string[];
  readonly terminal?: UserTerminal;
}

export function enter(options: EnterOptions): Promise<Outcome> {
  const { guest, as, argv = [], terminal } = options;
  const cwd = directoryOf(options.cwd);
  const request = { guest, terminal: as === 'shell' ? ('shell' as const) : ('none' as const), command: argv };
  return perform({ useCase: as, request, cwd, ...(terminal && { terminal }) }, enterGuest, options);
}
