import type { EventBus } from '../../core/event-bus.ts';
import { abortFailure } from '../../core/failure.ts';
import { bootToHello } from '../../vm/boot.ts';
import { GuestError } from '../../vm/channel/guest-failure.ts';
import { readClock } from '../../vm/clock-rate.ts';
import { freeze, NotFrozen } from '../../vm/freeze.ts';
import { createRamFile } from '../../vm/ram-file.ts';
import type { ReadyVm } from '../../vm/running-vm.ts';
import type { VmSpec } from '../../vm/spec.ts';
import { scaleTimeout } from '../../vm/spec.ts';
import { guestEnvironment } from './guest-environment.ts';
import { type HeldAgent, holdAgent } from './hold-agent.ts';
import type { MachineOptions } from './machine-spec.ts';
import { bootTimeout } from './machine-spec.ts';
import { rejectOnAbort } from './reject-on-abort.ts';

const WARM_UP = ['/bin/sh', '-c', '/bin/true'];
const WARM_MS = 4000;

/** The machine could not be frozen, and runs on. */
export class Kept extends Error {
  readonly machine: ReadyVm;

  constructor(machine: ReadyVm, why: string) {
    super(why);
    this.machine = machine;
  }
}

/** The machine did not boot, or ended: that is how the run ends. `cause` says it. */
export class Lost extends Error {}

export interface TemplateOptions extends MachineOptions {
  readonly spec: Omit<VmSpec, 'sockets'>;
  readonly key: string;
}

/** Boots a machine and freezes it into `dir`. Throws `Kept` or `Lost`; anything else left no machine behind. */
export async function makeTemplate(options: TemplateOptions, dir: string): Promise<undefined> {
  const { spec, lease, context } = options;
  const { signal } = context;
  await using stack = new AsyncDisposableStack();
  const ram = stack.use(await createRamFile(spec.memoryBytes, lease));
  using recorder = recordConsole(context.bus);
  const machine = await bootToHello({
    ...{ spec: { ...spec, ramFile: ram.path }, shareDaemons: [], lease, bus: recorder.bus, signal },
    timeoutMs: bootTimeout(options),
  }).catch((cause: unknown) => Promise.reject(new Lost('not booted', { cause })));
  ram.unlink();
  stack.use(machine.owned);
  let agent: HeldAgent | undefined;
  try {
    const clock = await readClock(machine.channel, signal);
    await warmUp(machine, options);
    if (options.holdsAgent) agent = await holdAgent(machine, { accel: options.machine.accel, signal });
    await freeze({ machine, ram, lines: recorder.lines, clock, held: agent?.held, dir, signal });
  } catch (cause) {
    if (!(cause instanceof NotFrozen)) throw new Lost('died', { cause });
    if (!cause.runsOn) throw cause;
    await agent?.process.signal('SIGKILL');
    const owned = stack.move();
    throw new Kept({ ...machine, owned }, cause.message);
  }
}

/**
 * Starts a program, so that what every program needs is in the page cache of each clone: a sixth of a short run. Node would
 * double what a clone has to copy: only guests for agents have it. A guest that cannot is no worse a template.
 */
async function warmUp({ channel }: ReadyVm, { machine, context }: TemplateOptions): Promise<void> {
  const late = AbortSignal.timeout(scaleTimeout(WARM_MS, machine.accel));
  const signal = AbortSignal.any([context.signal, late]);
  try {
    const process = await channel.exec({ argv: WARM_UP, env: guestEnvironment() }, { signal });
    await Promise.race([process.closed, rejectOnAbort(signal)]).catch(() => process.signal('SIGKILL'));
  } catch (error) {
    if (!(error instanceof GuestError) && !late.aborted) throw error;
  }
  if (context.signal.aborted) throw abortFailure(context.signal);
  if (late.aborted) throw new NotFrozen(`${WARM_UP[0]} did not come to its end in it`);
}

interface Recorder extends Disposable {
  /** Hands on every event. */
  readonly bus: EventBus;
  readonly lines: readonly string[];
}

/** Keeps what a console prints until it is disposed of. */
function recordConsole(bus: EventBus): Recorder {
  const lines: string[] = [];
  let over = false;
  return {
    lines,
    bus: {
      ...bus,
      emit: (event) => {
        if (event.type === 'console-line' && !over) lines.push(event.text);
        bus.emit(event);
      },
    },
    [Symbol.dispose]: () => {
      over = true;
    },
  };
}
