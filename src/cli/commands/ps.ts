import { listGuests } from '../../index.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { textTable } from '../text.ts';
import { print, printJson } from './print.ts';

export async function ps(parsed: ParsedCommand): Promise<number> {
  const guests = await listGuests();
  if (parsed.flags.has('json')) {
    await printJson(guests);
  } else if (guests.length === 0) {
    await print('No guests are running.\n');
  } else {
    const rows = guests.map(({ runId, pid, children, command }) => [
      runId,
      String(pid),
      children.map((child) => `${child.command}:${child.pid}`).join(' '),
      command,
    ]);
    await print(textTable([['RUN', 'PID', 'PROCESSES', 'COMMAND'], ...rows]));
  }
  return 0;
}
