import { join } from 'node:path';
import { judge } from '../core/judge.ts';
import { DOOR_SOCKET } from '../vm/door/door-frames.ts';
import { throughDoor } from '../vm/door/enter.ts';
import { guestEnvironment } from './guest/guest-environment.ts';
import { runCommand } from './guest/run-command.ts';
import { findGuest } from './list-guests.ts';
import type { EnterRequest } from './request.ts';
import { runOnTerminal } from './shell.ts';
import type { UseCase } from './use-case.ts';

/**
 * `devbox shell --run ID` and `devbox exec --run ID`: a shell or a command in a guest that another devbox runs, in the
 * directory that its own programs start in. What it does there is part of that run, and judged there.
 */
export const enterGuest: UseCase<EnterRequest> = async (request, context) => {
  const { command } = request;
  const channel = throughDoor(join(findGuest(request.guest).dir, DOOR_SOCKET));
  const guest = { vm: { channel }, cause: { signal: context.signal } };
  const workload =
    request.terminal === 'shell'
      ? await runOnTerminal(guest, command, context)
      : await runCommand({
          ...{ guest, bus: context.bus, name: command[0] as string, stdin: context.terminal.stdin },
          exec: { argv: command, env: guestEnvironment(), stdin: true },
        });
  return judge({ findings: [], workload });
};
