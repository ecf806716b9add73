import { createOutput, type Output } from '../output.ts';
import { createJsonRenderer } from './json.ts';
import { createPassthroughRenderer } from './passthrough.ts';
import { createPlainRenderer } from './plain.ts';
import { createQuietRenderer } from './quiet.ts';
import type { Renderer } from './renderer.ts';
import { type ColorChoice, wantsColor } from './style.ts';

export interface RenderOptions {
  readonly useCase: 'run' | 'exec' | 'shell' | 'test';
  readonly json: boolean;
  readonly quiet: boolean;
  readonly colorChoice: ColorChoice;
  /** The guest's bytes go to the terminal as they are: only ever for a live `shell`. */
  readonly rawOnTerminal: boolean;
}

export interface Outputs {
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Standard output and error; `onBroken` when nobody reads standard output any more. */
export function standardOutputs(onBroken?: () => void): Outputs {
  return { stdout: createOutput(process.stdout, onBroken), stderr: createOutput(process.stderr) };
}

export async function chooseRenderer(options: RenderOptions, { stdout, stderr }: Outputs): Promise<Renderer> {
  const color = wantsColor(options.colorChoice, stdout.isTty, process.env);
  if (options.json) return createJsonRenderer(stdout);
  if (options.useCase === 'exec' || options.useCase === 'shell') {
    const stderrColor = wantsColor(options.colorChoice, stderr.isTty, process.env);
    return createPassthroughRenderer({
      stdout,
      stderr,
      color: stderrColor,
      rawOnTerminal: options.rawOnTerminal,
      quiet: options.quiet,
    });
  }
  if (options.quiet) return createQuietRenderer(stdout, color);
  // A terminal that does not know its width would show a list of nothing.
  const cannotMove = !stdout.isTty || process.env.TERM === 'dumb' || process.stdout.columns === 0;
  if (cannotMove) return createPlainRenderer(stdout, color);
  const { createTerminalRenderer } = await import('./terminal.ts');
  return createTerminalRenderer(stdout, { stdout: process.stdout, stderr: process.stderr, color });
}
