import type { CommandContext } from '../command-context.ts';
import { runRequest } from '../parse/requests.ts';
import type { ParsedCommand } from '../parse/table.ts';

export async function run(
  parsed: ParsedCommand,
  { words, cwd, colorChoice }: CommandContext,
): Promise<number> {
  // A command line that is wrong is answered before the heavy parts are loaded.
  const request = runRequest(parsed, cwd);
  if (parsed.flags.has('watch')) return (await import('../watch-run.ts')).watchRun(request, words);
  const [{ runAgent }, { runSession }, { withHost }] = await Promise.all([
    import('../../app/run/run-agent.ts'),
    import('../session.ts'),
    import('../with-host.ts'),
  ]);
  return runSession({
    useCase: 'run',
    request,
    perform: withHost(runAgent),
    command: words,
    cwd,
    colorChoice,
  });
}
