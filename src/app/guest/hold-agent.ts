import { COMMAND_LINE_ROOM, HELD_FLAG, HELD_REPORT } from '../../agents/held-program.ts';
import { GUEST_AGENT_MAIN, GUEST_NODE } from '../../agents/manifest.ts';
import { abortFailure } from '../../core/failure.ts';
import { GuestError } from '../../vm/channel/guest-failure.ts';
import type { GuestProcess, HeldProcess } from '../../vm/channel/guest-process.ts';
import { NotFrozen } from '../../vm/freeze.ts';
import type { ReadyVm } from '../../vm/running-vm.ts';
import { type Accel, scaleTimeout } from '../../vm/spec.ts';
import { guestEnvironment } from './guest-environment.ts';
import { rejectOnAbort } from './reject-on-abort.ts';

const HOLD_MS = 10_000;
const END_MS = 1000;
/** Node, its threads and a scheduler beside them. */
const NEEDED_BYTES = 384 * 2 ** 20;

/**
 * Whether a guest is to have the agents' program waiting in it. Where it is emulated, starting that takes seconds; under KVM
 * it would take as long to copy its memory.
 */
export function canHoldAgent(accel: Accel, memoryBytes: number): boolean {
  return accel === 'tcg' && memoryBytes >= NEEDED_BYTES;
}

export interface HeldAgent {
  readonly process: GuestProcess;
  readonly held: HeldProcess;
}

export interface HoldOptions {
  readonly accel: Accel;
  readonly signal: AbortSignal;
}

/**
 * Starts the agents' program in a guest that is about to be frozen. Undefined when it does not come as far as to wait: then
 * every run starts its own.
 */
export async function holdAgent(
  { channel }: Pick<ReadyVm, 'channel'>,
  { accel, signal }: HoldOptions,
): Promise<HeldAgent | undefined> {
  const late = AbortSignal.timeout(scaleTimeout(HOLD_MS, accel));
  const either = AbortSignal.any([signal, late]);
  const argv = [GUEST_NODE, GUEST_AGENT_MAIN, HELD_FLAG, COMMAND_LINE_ROOM];
  let process: GuestProcess | undefined;
  try {
    process = await channel.exec(
      { argv, env: guestEnvironment(), stdin: true, report: true },
      { signal: either },
    );
    const bytes = await Promise.race([waits(process), rejectOnAbort(either)]);
    if (bytes !== undefined) return { process, held: channel.hold(process, bytes) };
  } catch (error) {
    if (signal.aborted) throw abortFailure(signal);
    if (!(error instanceof GuestError) && !late.aborted) throw error;
  }
  const patience = AbortSignal.timeout(scaleTimeout(END_MS, accel));
  if (process) await endWithin(process, AbortSignal.any([signal, patience]));
  return undefined;
}

/** A process that does not end would be in every clone. */
async function endWithin(process: GuestProcess, signal: AbortSignal): Promise<void> {
  for (const stream of [process.stdout, process.stderr, process.report]) stream.discard();
  try {
    await process.signal('SIGKILL');
    await Promise.race([process.closed, rejectOnAbort(signal)]);
  } catch (cause) {
    throw new NotFrozen('the program of agents did not end in it', { cause });
  }
}

/** How many bytes it took to say that it waits; undefined when it says something else, or ends. */
async function waits({ report }: GuestProcess): Promise<number | undefined> {
  const wanted = `${JSON.stringify(HELD_REPORT)}\n`;
  const reports = report[Symbol.asyncIterator]();
  let said = '';
  while (said.length < wanted.length) {
    const { value, done } = await reports.next();
    if (done) return undefined;
    said += Buffer.from(value).toString('latin1');
  }
  return said === wanted ? said.length : undefined;
}
