import type { CommandContext } from '../command-context.ts';
import { enterRequest, execRequest } from '../parse/requests.ts';
import type { ParsedCommand } from '../parse/table.ts';

export async function exec(
  parsed: ParsedCommand,
  { words, cwd, colorChoice }: CommandContext,
): Promise<number> {
  // A command line that is wrong is answered before the heavy parts are loaded.
  const entered = enterRequest(parsed, 'none');
  const session = { useCase: 'exec' as const, command: words, cwd, colorChoice };
  if (entered) return (await import('../enter-session.ts')).enterSession(entered, session);
  const request = execRequest(parsed, cwd);
  const [{ execCommand }, { runSession }, { withHost }] = await Promise.all([
    import('../../app/exec.ts'),
    import('../session.ts'),
    import('../with-host.ts'),
  ]);
  return runSession({ ...session, request, perform: withHost(execCommand) });
}
