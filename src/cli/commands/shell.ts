import type { CommandContext } from '../command-context.ts';
import { enterRequest, shellRequest } from '../parse/requests.ts';
import type { ParsedCommand } from '../parse/table.ts';

export async function shell(
  parsed: ParsedCommand,
  { words, cwd, colorChoice }: CommandContext,
): Promise<number> {
  // A command line that is wrong is answered before the heavy parts are loaded.
  const entered = enterRequest(parsed, 'shell');
  const session = { useCase: 'shell' as const, command: words, cwd, colorChoice };
  if (entered) return (await import('../enter-session.ts')).enterSession(entered, session);
  const request = shellRequest(parsed, cwd);
  const [{ openShell }, { runSession }, { withHost }] = await Promise.all([
    import('../../app/shell.ts'),
    import('../session.ts'),
    import('../with-host.ts'),
  ]);
  return runSession({ ...session, request, perform: withHost(openShell) });
}
