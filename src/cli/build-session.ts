import type { WorkContext } from '../index.ts';
import { cancelOnSignals } from './cancel.ts';
import type { CommandContext } from './command-context.ts';
import type { ParsedCommand } from './parse/table.ts';
import { chooseRenderer, type Outputs, standardOutputs } from './render/choose.ts';

interface BuildSession<T> {
  readonly parsed: ParsedCommand;
  readonly context: CommandContext;
  readonly perform: (around: Required<WorkContext>) => Promise<T>;
  /** What is printed at the end, on standard output. */
  readonly result: (value: T) => { readonly text: string; readonly quiet: string; readonly json: unknown };
}

/** Work that ends in an artifact, not in a verdict: its stages as they go, then what came of it. */
export async function runBuildSession<T>(session: BuildSession<T>): Promise<number> {
  const { parsed, context, perform, result } = session;
  const json = parsed.flags.has('json');
  const quiet = parsed.flags.has('quiet');
  const controller = new AbortController();
  using _signals = cancelOnSignals(controller, () => process.exit(130));
  const outputs: Outputs = standardOutputs();
  const renderer = await chooseRenderer(
    { useCase: 'run', json, quiet, colorChoice: context.colorChoice, rawOnTerminal: false },
    outputs,
  );
  try {
    const value = await perform({ onEvent: renderer.sink, signal: controller.signal });
    await renderer.finish();
    const said = result(value);
    await outputs.stdout.write(json ? `${JSON.stringify(said.json)}\n` : quiet ? said.quiet : said.text);
    return 0;
  } finally {
    await renderer.finish();
    await outputs.stdout.flush();
  }
}
