import { diffKernels, kernelConfig as readConfig } from '../../index.ts';
import type { CommandContext } from '../command-context.ts';
import { usage } from '../parse/parse-words.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { textTable } from '../text.ts';
import { print, printJson } from './print.ts';
import { withProgress } from './with-progress.ts';

export async function kernelConfig(parsed: ParsedCommand, { cwd }: CommandContext): Promise<number> {
  const [kernel, other] = parsed.args as [string, string?];
  const json = parsed.flags.has('json');
  if (parsed.flags.has('diff') !== (other !== undefined)) {
    throw usage(
      'bad-arguments',
      other === undefined ? '--diff needs two kernels.' : 'Two kernels are compared with --diff.',
      `devbox kernel config --diff ${kernel} ${other ?? 'OTHER'}`,
    );
  }
  if (other === undefined) {
    const config = await withProgress((around) => readConfig(kernel, { cwd, ...around }));
    await (json ? printJson(Object.fromEntries(config.options)) : print(config.text));
    return 0;
  }
  const differences = await withProgress((around) => diffKernels(kernel, other, { cwd, ...around }));
  const rows = differences.map(({ symbol, a, b }) => [`CONFIG_${symbol}`, a, b]);
  await (json ? printJson(differences) : print(textTable([['', kernel, other], ...rows])));
  return 0;
}
