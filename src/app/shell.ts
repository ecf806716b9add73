import { Failure } from '../core/failure.ts';
import type { GuestProcess } from '../vm/channel/guest-process.ts';
import { guestEnvironment } from './guest/guest-environment.ts';
import { inGuest } from './guest/in-guest.ts';
import { type CommandPlace, type CommandResult, runCommand } from './guest/run-command.ts';
import type { ShellRequest } from './request.ts';
import type { SessionContext, UseCase, UserTerminal } from './use-case.ts';

const LOGIN_SHELL = ['/bin/bash', '-l'];
const DEFAULT_SIZE = { rows: 24, cols: 80 };

/** `devbox shell`: an interactive terminal in a guest; keys and size go in, bytes come out, the exit code is the shell's. */
export const openShell: UseCase<ShellRequest> = async (request, context) => {
  const { terminal } = context;
  if (!terminal.stdinIsTty || !terminal.stdoutIsTty) throw notATerminal();
  return inGuest({ request, context }, async (guest, testify) => {
    const workload = await runOnTerminal(guest, request.command, context, request.workingDirectory);
    testify(() => ({ workload }));
  });
};

/** Runs a command, or without one a shell, on the user's terminal. */
export async function runOnTerminal(
  guest: CommandPlace,
  command: readonly string[],
  { terminal, bus }: SessionContext,
  cwd?: string,
): Promise<CommandResult> {
  if (!terminal.stdinIsTty || !terminal.stdoutIsTty) throw notATerminal();
  using stack = new DisposableStack();
  return await runCommand({
    ...{ guest, bus, name: 'shell', stdin: terminal.stdin },
    exec: {
      argv: command.length > 0 ? command : LOGIN_SHELL,
      ...(cwd !== undefined && { cwd }),
      env: guestEnvironment({ TERM: terminalType() }),
      tty: terminal.size() ?? DEFAULT_SIZE,
    },
    onStarted: (process) => connectTerminal(terminal, process, stack),
  });
}

function connectTerminal(terminal: UserTerminal, process: GuestProcess, stack: DisposableStack): void {
  const follow = () => {
    const size = terminal.size();
    if (size) void process.resize(size.rows, size.cols).catch(() => {});
  };
  stack.defer(terminal.onResize(follow));
  terminal.setRaw(true);
  stack.defer(() => terminal.setRaw(false));
  follow(); // It may have changed while the guest booted.
}

/** The guest has Debian's terminfo; a name it may not know would break every full-screen program. */
function terminalType(): string {
  const type = process.env.TERM ?? '';
  return /^(?:xterm|screen|tmux|linux|vt\d+|rxvt|ansi|dumb)[\w.+-]*$/.test(type) ? type : 'xterm-256color';
}

function notATerminal(): Failure {
  return new Failure({
    kind: 'usage',
    code: 'not-a-terminal',
    message: '`devbox shell` needs a terminal on standard input and output.',
    hint: 'To run one command without a terminal use `devbox exec -- COMMAND`.',
  });
}
