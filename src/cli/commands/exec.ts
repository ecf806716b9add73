import * as devbox from '../../index.ts';
import type { CommandContext } from '../command-context.ts';
import { enterOptions, execOptions, shownBy } from '../parse/guest-options.ts';
import type { ParsedCommand } from '../parse/table.ts';

export const exec = inGuest('exec', devbox.exec);
export const shell = inGuest('shell', devbox.shell);

/** A command, or a terminal, in a guest: a new one, or with `--run` one that runs. */
function inGuest(useCase: 'exec' | 'shell', boot: typeof devbox.exec | typeof devbox.shell) {
  return async (parsed: ParsedCommand, context: CommandContext): Promise<number> => {
    // What is wrong with the words is answered before the heavy parts are loaded.
    const entered = enterOptions(parsed, useCase);
    const options = execOptions(parsed);
    const shown = shownBy(parsed);
    const [{ showRun }, { setUpHost }] = await Promise.all([
      import('../session.ts'),
      import('../set-up-host.ts'),
    ]);
    return showRun({ useCase, ...shown, context }, (around) =>
      entered
        ? devbox.enter({ ...entered, ...around })
        : boot({ ...options, ...around, ...setUpHost(around.signal) }),
    );
  };
}
