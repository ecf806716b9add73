import type { CommandContext } from '../command-context.ts';
import { execRequest } from '../parse/requests.ts';
import type { ParsedCommand } from '../parse/table.ts';

export async function exec(
  parsed: ParsedCommand,
  { words, cwd, colorChoice }: CommandContext,
): Promise<number> {
  // A command line that is wrong is answered before the heavy parts are loaded.
  const request = execRequest(parsed, cwd);
  const [{ execCommand }, { runSession }, { withHost }] = await Promise.all([
    import('../../app/exec.ts'),
    import('../session.ts'),
    import('../with-host.ts'),
  ]);
  return runSession({
    useCase: 'exec',
    request,
    perform: withHost(execCommand),
    command: words,
    cwd,
    colorChoice,
  });
}
