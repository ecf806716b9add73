import { type RunEntry, readEvents } from '../index.ts';
import { chooseRenderer, standardOutputs } from './render/choose.ts';
import type { ColorChoice } from './render/style.ts';

export interface ReplayOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly colorChoice: ColorChoice;
}

/** Feeds a record to the renderer that a live run would have: the same events, so the same output. */
export async function replay(entry: RunEntry, options: ReplayOptions): Promise<number> {
  const gone = new AbortController();
  const outputs = standardOutputs(() => gone.abort());
  const useCase = entry.info?.useCase ?? 'run';
  const renderer = await chooseRenderer({ ...options, useCase, rawOnTerminal: false }, outputs);
  try {
    for await (const event of readEvents(entry.dir)) {
      if (gone.signal.aborted) return 0;
      await renderer.sink(event);
    }
  } finally {
    await renderer.finish();
    await Promise.all([outputs.stdout.flush(), outputs.stderr.flush()]);
  }
  if (entry.state.kind === 'finished') return 0;
  const why = entry.state.kind === 'running' ? 'It still goes on.' : 'It was interrupted: devbox was killed.';
  await outputs.stderr.write(`devbox: This is all that run ${entry.id} has recorded. ${why}\n`);
  return 0;
}
