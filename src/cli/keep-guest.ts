import { escapeForTerminal } from '../core/escape-bytes.ts';
import { VERDICT_EXIT_CODES } from '../core/verdict.ts';
import type { KeptGuest } from '../index.ts';
import { cancelOnSignals } from './cancel.ts';
import { createOutput } from './output.ts';

/** `--keep`, after everything else: says how to enter the guest, and ends it at Ctrl-C, unless it ends itself. */
export async function keepGuest(guest: KeptGuest): Promise<void> {
  const asked = new AbortController();
  using _signals = cancelOnSignals(asked, () => process.exit(VERDICT_EXIT_CODES.cancelled));
  await using kept = guest;
  if (kept.leaving.aborted) return;
  const test = escapeForTerminal(kept.test);
  await createOutput(process.stderr).write(
    `\nThe guest of ${test} stays until Ctrl-C is pressed here. In another terminal:\n  devbox shell --run ${kept.runId}\n`,
  );
  const { promise, resolve } = Promise.withResolvers<void>();
  const either = AbortSignal.any([asked.signal, kept.leaving]);
  either.addEventListener('abort', () => resolve(), { once: true });
  if (!either.aborted) await promise;
}
