import { type Attempt, judgeAttempt } from './attempt.ts';
import type { CellWork, ServeOptions } from './cell-work.ts';
import { type Cut, serveGuest } from './serve-guest.ts';
import { TestOutput } from './test-output.ts';

/** So many guests in a row may end before a test has begun; then the rest is not tried any more. */
const MAX_STILLBORN = 2;

/** Boots guests and runs tests in them until none is left: a fresh guest whenever the last one is no longer well. */
export async function serveCell(options: ServeOptions): Promise<void> {
  const { work, context } = options;
  let stillborn = 0;
  const next = () => (context.signal.aborted ? undefined : work.take());
  for (let test = next(); test !== undefined; test = next()) {
    const recorded = options.record();
    const end = await serveGuest(test, recorded, options);
    if (end === undefined) {
      stillborn = 0;
      continue;
    }
    work.give(end.test, recorded.own(cutShort(end)));
    stillborn = end.hasRun ? 0 : stillborn + 1;
    if (stillborn >= MAX_STILLBORN) giveUp(work, end);
  }
}

/** A test whose guest ended under it, or never came. */
function cutShort({ test, verdict, ms, console, said }: Omit<Cut, 'hasRun'>): Attempt {
  return {
    ...judgeAttempt(test, verdict),
    ...{ ms, subtests: said.subtests(), output: said.text(), console },
  };
}

function giveUp(work: CellWork, { verdict, console }: Cut): void {
  const summary = `Not run, because ${MAX_STILLBORN} guests in a row did not come to it: ${verdict.summary}`;
  for (let test = work.take(); test !== undefined; test = work.take()) {
    const said = new TestOutput(test.file);
    const attempt = cutShort({ test, verdict: { ...verdict, summary }, ms: 0, console, said });
    work.give(test, { ...attempt, outcome: 'failed' });
  }
}
