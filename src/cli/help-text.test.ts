import { describe, expect, it } from 'vitest';
import { helpText } from './help-text.ts';
import { COMMANDS } from './parse/commands.ts';
import { findCommand } from './parse/find-command.ts';

const PATHS = [
  [],
  ...COMMANDS.flatMap(({ name, commands = [] }) => [[name], ...commands.map((sub) => [name, sub.name])]),
];

describe('help', () => {
  it('fits a hundred columns and ends no line in blanks', () => {
    for (const path of PATHS) {
      for (const line of helpText(findCommand(path), path).split('\n')) {
        expect(line.length).toBeLessThanOrEqual(100);
        expect(line).toBe(line.trimEnd());
      }
    }
  });

  it('names every flag of a command', () => {
    for (const path of PATHS) {
      const spec = findCommand(path);
      for (const { name } of spec.flags ?? []) expect(helpText(spec, path)).toContain(`--${name}`);
    }
  });

  it('leaves hidden commands out', () => {
    expect(helpText(findCommand([]), [])).not.toContain('__complete');
  });
});
