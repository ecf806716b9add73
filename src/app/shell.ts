import { Failure } from '../core/failure.ts';
import type { GuestProcess } from '../vm/channel/guest-process.ts';
import { guestEnvironment } from './guest/guest-environment.ts';
import { inGuest } from './guest/in-guest.ts';
import { runCommand } from './guest/run-command.ts';
import type { ShellRequest } from './request.ts';
import type { UseCase, UserTerminal } from './use-case.ts';

const LOGIN_SHELL = ['/bin/bash', '-l'];
const DEFAULT_SIZE = { rows: 24, cols: 80 };

/** `devbox shell`: an interactive terminal in a guest; keys and size go in, bytes come out, the exit code is the shell's. */
export const openShell: UseCase<ShellRequest> = async (request, context) => {
  const { terminal, bus } = context;
  if (!terminal.stdinIsTty || !terminal.stdoutIsTty) throw notATerminal();
  return inGuest({ request, context }, async (guest, testify) => {
    using stack = new DisposableStack();
    const workload = await runCommand({
      ...{ guest, bus, name: 'shell', stdin: terminal.stdin },
      exec: {
        argv: request.command.length > 0 ? request.command : LOGIN_SHELL,
        cwd: request.workingDirectory,
        env: guestEnvironment({ TERM: terminalType() }),
        tty: terminal.size() ?? DEFAULT_SIZE,
      },
      onStarted: (process) => connectTerminal(terminal, process, stack),
    });
    testify(() => ({ workload }));
  });
};

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
