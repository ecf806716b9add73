import type { Emit, StageName, StageOutcome } from '../../core/event.ts';

export interface StageResult<T> {
  readonly value: T;
  readonly outcome?: StageOutcome;
  readonly detail?: string;
}

/** Runs one stage between its started and finished events; a stage that throws has failed. */
export async function stage<T>(
  options: {
    readonly emit: Emit;
    readonly now: () => number;
    readonly stage: StageName;
    readonly title: string;
  },
  work: () => Promise<StageResult<T>>,
): Promise<T> {
  const { emit, now, title } = options;
  const startedAt = now();
  emit({ type: 'stage-started', stage: options.stage, title });
  try {
    const { value, outcome = 'done', detail } = await work();
    emit({
      type: 'stage-finished',
      stage: options.stage,
      outcome,
      ms: now() - startedAt,
      ...(detail === undefined ? {} : { detail }),
    });
    return value;
  } catch (error) {
    emit({ type: 'stage-finished', stage: options.stage, outcome: 'failed', ms: now() - startedAt });
    throw error;
  }
}
