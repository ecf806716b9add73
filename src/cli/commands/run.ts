import * as devbox from '../../index.ts';
import type { CommandContext } from '../command-context.ts';
import { runOptions, shownBy } from '../parse/guest-options.ts';
import type { ParsedCommand } from '../parse/table.ts';

export async function run(parsed: ParsedCommand, context: CommandContext): Promise<number> {
  // What is wrong with the words is answered before the heavy parts are loaded.
  const options = runOptions(parsed);
  const shown = shownBy(parsed);
  if (parsed.flags.has('watch'))
    return (await import('../watch-run.ts')).watchRun(options.agent, { ...shown, context });
  const [{ showRun }, { setUpHost }] = await Promise.all([
    import('../session.ts'),
    import('../set-up-host.ts'),
  ]);
  return showRun({ useCase: 'run', ...shown, context }, (around) =>
    devbox.run({ ...options, ...around, ...setUpHost(around.signal) }),
  );
}
