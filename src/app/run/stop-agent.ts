import type { ProcessExit } from '../../core/event.ts';
import type { EventBus } from '../../core/event-bus.ts';
import { Failure } from '../../core/failure.ts';
import type { GuestProcess } from '../../vm/channel/guest-process.ts';
import { describeGuestState } from '../guest/guest-state.ts';
import type { Guest } from '../guest/start-guest.ts';
import { withinMs } from '../guest/within-ms.ts';

/** From SIGINT to SIGKILL, and from there until the guest is given up. Milliseconds. */
const STOP_MS = 5000;

export interface AgentToStop {
  readonly name: string;
  readonly process: Pick<GuestProcess, 'signal'>;
  /** Its end. */
  readonly done: Promise<ProcessExit>;
  readonly guest: Pick<Guest, 'cause' | 'scale' | 'vm'>;
  readonly bus: EventBus;
}

/**
 * Asks an agent to unload its scheduler and end; kills it when it does not. Rejects with guest-hang, the run's first cause then, when
 * even that does not end it: a kernel on which nothing goes on but PID 1 would be waited for without end.
 */
export async function stopAgent({ name, process, done, guest, bus }: AgentToStop): Promise<void> {
  const { signal } = guest.cause;
  for (const word of ['SIGINT', 'SIGKILL'] as const) {
    await process.signal(word);
    if (await withinMs(done, guest.scale(STOP_MS), signal)) return;
  }
  const failure = new Failure({
    kind: 'guest',
    code: 'guest-hang',
    message: `The agent ${name} did not end, not even by SIGKILL: the guest hangs, though PID 1 still answers.`,
    evidence: await describeGuestState(guest.vm, bus),
    hint: 'The console in the record has the back-traces.',
  });
  guest.cause.stop(failure);
  throw failure;
}
