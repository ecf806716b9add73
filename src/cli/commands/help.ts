import { helpText } from '../help-text.ts';
import { findCommand } from '../parse/find-command.ts';
import { print } from './print.ts';

export async function help(path: readonly string[]): Promise<number> {
  await print(helpText(findCommand(path), path));
  return 0;
}
