import { PassThrough } from 'node:stream';
import { chooseMachine } from '../../src/app/guest/choose-machine.ts';
import { prepareGuest } from '../../src/app/guest/prepare-guest.ts';
import { type Guest, startGuest } from '../../src/app/guest/start-guest.ts';
import type { GuestRequest } from '../../src/app/request.ts';
import type { SessionContext } from '../../src/app/use-case.ts';
import { createEventBus } from '../../src/core/event-bus.ts';

const REQUEST: GuestRequest = {
  cwd: process.cwd(),
  smp: { cpus: 2, sockets: 1, cores: 2, threads: 1 },
  memoryBytes: 2 ** 30,
  ...{ shares: [], workingDirectory: '/', accel: 'auto', append: [], freshBoot: false, kernel: 'scx' },
  ...{ json: false, quiet: true, debug: false },
};

/** A real guest with 2 vCPUs and 1 GiB and its channel, without a command around it. */
export async function startBareGuest(runDir: string): Promise<Guest> {
  const context = contextIn(runDir);
  const machine = await chooseMachine(REQUEST, context);
  return startGuest(REQUEST, await prepareGuest(REQUEST, context, []), machine, context);
}

function contextIn(runDir: string): SessionContext {
  return {
    bus: createEventBus([]),
    signal: new AbortController().signal,
    ...{ runId: 'bare', runDir },
    terminal: {
      ...{ stdin: new PassThrough(), stdinIsTty: false, stdoutIsTty: false },
      size: () => undefined,
      onResize: () => () => {},
      setRaw: () => {},
    },
  };
}
