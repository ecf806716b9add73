import type { Emit, StageName, StageOutcome } from './event.ts';
import { abortFailure } from './failure.ts';

interface StageResult<T> {
  readonly value: T;
  /** Whether it was answered from the store. */
  readonly cached?: boolean;
  /** What else it came to, when it is neither done nor cached. */
  readonly outcome?: StageOutcome;
  readonly detail?: string;
}

interface StageOptions<T> {
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  readonly stage: StageName;
  readonly title: string;
  readonly work: (progress: (detail: string) => void) => Promise<StageResult<T>>;
}

/** Does a piece of work between the events that tell of its start and its end, however it ends. */
export async function runStage<T>({ emit, signal, stage, title, work }: StageOptions<T>): Promise<T> {
  if (signal?.aborted) throw abortFailure(signal);
  const began = performance.now();
  const ms = () => Math.round((performance.now() - began) * 1000) / 1000;
  emit({ type: 'stage-started', stage, title });
  try {
    const {
      value,
      cached,
      outcome = cached ? 'cached' : 'done',
      detail,
    } = await work((text) => emit({ type: 'stage-progress', stage, detail: text }));
    emit({ type: 'stage-finished', stage, outcome, ms: ms(), ...(detail !== undefined && { detail }) });
    return value;
  } catch (error) {
    emit({ type: 'stage-finished', stage, outcome: 'failed', ms: ms() });
    throw error;
  }
}
