import { guestEnvironment } from './guest/guest-environment.ts';
import { inGuest } from './guest/in-guest.ts';
import { runCommand } from './guest/run-command.ts';
import type { ExecRequest } from './request.ts';
import type { UseCase } from './use-case.ts';

/** `devbox exec`: boot, run one command with our standard input, hand on its output byte for byte, and its exit. */
export const execCommand: UseCase<ExecRequest> = (request, context) =>
  inGuest({ request, context }, async (guest, testify) => {
    const workload = await runCommand({
      ...{ guest, bus: context.bus, name: request.command[0] as string, stdin: context.terminal.stdin },
      exec: { argv: request.command, cwd: request.workingDirectory, env: guestEnvironment(), stdin: true },
    });
    testify(() => ({ workload }));
  });
