import { escapeForTerminal } from '../../core/escape-bytes.ts';
import { Failure } from '../../core/failure.ts';
import { EXIT_HOST } from '../../core/verdict.ts';
import { planSetUp } from '../../index.ts';
import { canAsk } from '../ask.ts';
import { cancelOnSignals } from '../cancel.ts';
import type { CommandContext } from '../command-context.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { print } from './print.ts';

/** `devbox setup`: also what only makes runs nicer is installed. Doing it twice does nothing the second time. */
export async function setup(parsed: ParsedCommand, _context: CommandContext): Promise<number> {
  const controller = new AbortController();
  using _signals = cancelOnSignals(controller, () => process.exit(130));
  const { signal } = controller;
  const { missing, commands, distribution, install } = await planSetUp();
  if (missing.length === 0) {
    await print('Everything that setup can install is there. `devbox doctor` checks the rest.\n');
    return 0;
  }
  const names = missing.join(', ');
  if (!install) {
    await print(
      `Missing: ${names}. devbox installs packages on Debian and Ubuntu only; on ${distribution} run:\n\n`,
    );
    await print(`${commands.map((command) => `  ${command}`).join('\n')}\n`);
    return EXIT_HOST;
  }
  const ask = parsed.flags.has('yes') ? undefined : canAsk(signal);
  if (!parsed.flags.has('yes')) {
    const question = `Missing: ${names}. Install with \`${commands.join(' && ')}\`?`;
    if (!ask) throw needsYes(names, commands);
    if (!(await ask(question))) return EXIT_HOST;
  }
  const onProgress = (detail: string) => void print(`  ${escapeForTerminal(detail)}\n`);
  await install({ signal, canPrompt: process.stdin.isTTY === true, onProgress });
  await print(`Installed ${names}.\n`);
  return 0;
}

function needsYes(names: string, commands: readonly string[]): Failure {
  return new Failure({
    kind: 'host',
    code: 'host-incomplete',
    message: `This machine lacks ${names}, and there is no terminal to ask on.`,
    hint: `Run \`devbox setup --yes\`, or: ${commands.join(' && ')}`,
  });
}
