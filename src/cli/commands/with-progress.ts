import type { WorkContext } from '../../index.ts';
import { cancelOnSignals } from '../cancel.ts';
import { createOutput } from '../output.ts';
import { createPassthroughRenderer } from '../render/passthrough.ts';

/** Work whose result goes to standard output: what goes on meanwhile is told on standard error, when it takes a while. */
export async function withProgress<T>(perform: (around: Required<WorkContext>) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  using _signals = cancelOnSignals(controller, () => process.exit(130));
  const renderer = createPassthroughRenderer({
    stdout: createOutput(process.stdout),
    stderr: createOutput(process.stderr),
    color: false,
    rawOnTerminal: false,
    quiet: false,
  });
  try {
    return await perform({ onEvent: renderer.sink, signal: controller.signal });
  } finally {
    await renderer.finish();
  }
}
