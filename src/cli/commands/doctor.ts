import { escapeForTerminal } from '../../core/escape-bytes.ts';
import { EXIT_HOST } from '../../core/verdict.ts';
import { type Check, examineHost } from '../../index.ts';
import { cancelOnSignals } from '../cancel.ts';
import type { CommandContext } from '../command-context.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { type Paint, paint, wantsColor } from '../render/style.ts';
import { print, printJson } from './print.ts';

export async function doctor(parsed: ParsedCommand, { colorChoice }: CommandContext): Promise<number> {
  const controller = new AbortController();
  using _signals = cancelOnSignals(controller, () => process.exit(130));
  const { checks, fit } = await examineHost({ signal: controller.signal });
  if (parsed.flags.has('json')) {
    await printJson({ fit, checks });
  } else {
    const color = wantsColor(colorChoice, process.stdout.isTTY === true, process.env);
    await print(doctorText(checks, fit, color));
  }
  return fit ? 0 : EXIT_HOST;
}

const PAINTS: Readonly<Record<Check['status'], Paint>> = { ok: 'good', warning: 'warning', missing: 'bad' };

function doctorText(checks: readonly Check[], fit: boolean, color: boolean): string {
  const width = Math.max(...checks.map(({ title }) => title.length));
  const lines = checks.flatMap(({ status, title, detail, fix }) => [
    `${paint(status.padEnd(7), PAINTS[status], color)}  ${title.padEnd(width)}  ${escapeForTerminal(detail)}`,
    ...(fix === undefined ? [] : [`${' '.repeat(width + 11)}mend it: ${escapeForTerminal(fix)}`]),
  ]);
  const end = fit
    ? paint('This machine can run devbox.', 'good', color)
    : paint(
        'Something required is missing. `devbox setup` installs packages on Debian and Ubuntu.',
        'bad',
        color,
      );
  return `${lines.join('\n')}\n\n${end}\n`;
}
