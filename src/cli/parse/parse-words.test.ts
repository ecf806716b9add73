import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { COMMANDS } from './commands.ts';
import { parseWords } from './parse-words.ts';

const parse = (line: string) => parseWords(line === '' ? [] : line.split(' '));
const refused = (line: string): Failure => {
  try {
    parse(line);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error(`"${line}" was taken`);
};

describe('the command line', () => {
  it('is cut into command, flags, arguments and what comes after --', () => {
    const parsed = parse('run --smp 4 --share=a --share b fifo --json -- --slice 5ms');
    expect(parsed.path).toEqual(['run']);
    expect(Object.fromEntries(parsed.flags)).toEqual({ smp: ['4'], share: ['a', 'b'], json: [] });
    expect(parsed.args).toEqual(['fifo']);
    expect(parsed.rest).toEqual(['--slice', '5ms']);
  });

  it('takes global flags before the command and after it', () => {
    expect(parse('--color never runs list').flags.get('color')).toEqual(['never']);
    expect(parse('runs list --color never').flags.get('color')).toEqual(['never']);
  });

  it('takes the value of a short flag behind a space, or right behind it', () => {
    expect(parse('kernel build scx-6.12 -j 4').flags.get('jobs')).toEqual(['4']);
    expect(parse('kernel build scx-6.12 -j4').flags.get('jobs')).toEqual(['4']);
    expect(refused('kernel build -x4').message).toContain('Unknown flag "-x4"');
  });

  it('hands on everything after the first -- untouched', () => {
    expect(parse('exec -- sh -c -- --help -h').rest).toEqual(['sh', '-c', '--', '--help', '-h']);
  });

  it('is help as soon as --help is in it, whatever else is missing', () => {
    expect(parse('run --help').flags.has('help')).toBe(true);
    expect(parse('agent -h').flags.has('help')).toBe(true);
  });

  it.each([
    ['rn', 'Unknown command "rn". Did you mean "run"?'],
    ['agent lst', '`devbox agent` has no subcommand "lst". Did you mean "list"?'],
    ['agent', '`devbox agent` needs a subcommand: list, show, new.'],
    ['run', '`devbox run` needs AGENT.'],
    ['run --smpp 4 fifo', 'Unknown flag "--smpp". Did you mean "--smp"?'],
    ['run -x fifo', 'Unknown flag "-x".'],
    ['run fifo --smp', '--smp needs a value'],
    ['run fifo --smp --json', '--smp needs a value'],
    ['run fifo --smp=', '--smp needs a value'],
    ['run --smp 1 --smp 2 fifo', '--smp is given twice.'],
    ['run --json --json fifo', '--json is given twice.'],
    ['run --json=yes fifo', '--json takes no value.'],
    ['run --accel kmv fifo', '--accel: "kmv" is none of auto, kvm, tcg. Did you mean "kvm"?'],
    ['run fifo more', 'Unexpected argument "more"'],
    ['exec', '`devbox exec` needs COMMAND after "--".'],
    ['exec --', '`devbox exec` needs COMMAND after "--".'],
    ['exec ls', 'Unexpected argument "ls"'],
    ['ps -- x', '`devbox ps` takes nothing after "--".'],
    ['completion ksh', '"ksh" is none of bash, zsh, fish'],
    ['__complte', 'Unknown command "__complte".'],
  ])('refuses %j: %s', (line, message) => {
    expect(refused(line)).toMatchObject({ kind: 'usage', message: expect.stringContaining(message) });
  });

  it("says where an agent's own flags go", () => {
    expect(refused('run fifo --slice=5ms').hint).toBe(
      'Arguments for the agent go after "--": devbox run fifo -- --slice=5ms',
    );
    expect(refused('run fifo extra').hint).toBe(
      'Arguments for the agent go after "--": devbox run fifo -- extra',
    );
  });

  it('says how to write a value that begins with a dash', () => {
    expect(refused('run fifo --append -x').hint).toContain('--append=-x');
  });

  it('either is understood or refused as wrong usage, never anything else', () => {
    const words = [
      'run',
      'exec',
      'agent',
      'show',
      '--',
      '-',
      '--smp',
      '--smp=',
      '-h',
      '--json',
      '',
      '=',
      '--=',
      'fifo',
      '--share',
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 8 }), (line) => {
        try {
          parseWords(line);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
          expect((error as Failure).kind).toBe('usage');
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('names no flag twice in one command of the table', () => {
    const all = COMMANDS.flatMap((command) => [command, ...(command.commands ?? [])]);
    for (const { flags = [] } of all) {
      const names = flags.flatMap(({ name, short }) => [name, ...(short === undefined ? [] : [short])]);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
