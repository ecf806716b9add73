import * as devbox from '../../index.ts';
import type { CommandContext } from '../command-context.ts';
import { enterOptions, execOptions, shownBy } from '../parse/guest-options.ts';
import type { ParsedCommand } from '../parse/table.ts';

export async function shell(parsed: ParsedCommand, context: CommandContext): Promise<number> {
  // What is wrong with the words is answered before the heavy parts are loaded.
  const entered = enterOptions(parsed, 'shell');
  const options = execOptions(parsed);
  const showing = { useCase: 'shell' as const, ...shownBy(parsed), context };
  const [{ showRun }, { setUpHost }] = await Promise.all([
    import('../session.ts'),
    import('../set-up-host.ts'),
  ]);
  return showRun(showing, (around) =>
    entered
      ? devbox.enter({ ...entered, ...around })
      : devbox.shell({ ...options, ...around, ...setUpHost(around.signal) }),
  );
}
