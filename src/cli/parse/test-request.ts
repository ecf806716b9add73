import { isKselftest } from '../../core/kselftest.ts';
import { didYouMean } from '../../core/nearest.ts';
import { parseSmp } from '../../core/smp.ts';
import type { TestChoice } from '../../index.ts';
import { parseTimeout, value } from './guest-options.ts';
import { usage } from './parse-words.ts';
import type { ParsedCommand } from './table.ts';
import { REPORTERS, type ReporterName } from './test-command.ts';

export interface ReporterChoice {
  readonly name: ReporterName;
  /** As typed; undefined: standard output. */
  readonly file?: string;
}

/** What of the words after `devbox test` names the suite, and what files or, of the kernel's own, cases. */
export interface TestWords {
  readonly suite?: string;
  readonly files: readonly string[];
}

export function testWords({ args }: ParsedCommand): TestWords {
  const kernels = args.find(isKselftest);
  // Its cases are no files.
  if (kernels !== undefined) return { suite: kernels, files: args.filter((word) => word !== kernels) };
  const names = args.filter((word) => !looksLikeFile(word));
  const [suite, second] = names;
  if (second !== undefined) {
    throw usage(
      'two-suites',
      `"${suite}" and "${second}" cannot both be the suite.`,
      'A file is given with a / in it: ./test.sh.',
    );
  }
  return {
    files: args.filter(looksLikeFile).map((word) => word.replace(/^\.\//, '')),
    ...(suite !== undefined && { suite }),
  };
}

function looksLikeFile(word: string): boolean {
  return /[/*?[{]/.test(word);
}

/** What the command line says of a suite, its values checked. */
export function testChoice(parsed: ParsedCommand): TestChoice {
  const { suite, files } = testWords(parsed);
  const flag = (name: string) => value(parsed, name);
  const [timeout, jobs, retries, grep, shard] = ['timeout', 'jobs', 'retries', 'grep', 'shard'].map(flag);
  const kernels = flag('kernel')?.split(',').filter(Boolean);
  const smp = parsed.flags.get('smp')?.flatMap(smpList);
  const agents = parsed.flags.get('agent');
  return {
    files,
    changed: parsed.flags.has('changed'),
    repeat: wholeNumber('repeat', flag('repeat') ?? '1', 1, 10_000),
    ...(suite !== undefined && { suite }),
    ...(kernels && { kernels }),
    ...(smp && { smp }),
    ...(agents && { agents }),
    ...(timeout !== undefined && { timeoutMs: parseTimeout(timeout) }),
    ...(jobs !== undefined && { jobs: jobs === 'auto' ? jobs : wholeNumber('jobs', jobs, 1, 64) }),
    ...(retries !== undefined && { retries: wholeNumber('retries', retries, 0, 10) }),
    ...(grep !== undefined && { grep }),
    ...(shard !== undefined && { shard: parseShard(shard) }),
  };
}

/** `1,2,4`, or one topology, which has commas of its own. */
function smpList(text: string): readonly string[] {
  const list = text.includes('=') ? [text] : text.split(',');
  for (const smp of list) parseSmp(smp);
  return list;
}

function parseShard(text: string): { index: number; of: number } {
  const [index = Number.NaN, of = Number.NaN] = text.split('/').map(Number);
  if (Number.isInteger(index) && Number.isInteger(of) && index >= 1 && index <= of && of <= 1000)
    return { index, of };
  throw usage('bad-shard', `--shard ${text}: that is not a part.`, 'Parts look like 1/4: the first of four.');
}

function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw usage(`bad-${flag}`, `--${flag} ${text}: that is not a number from ${min} to ${max}.`);
}

/** `junit:report.xml`, `github`. Without any: pretty. */
export function parseReporters(texts: readonly string[] = []): readonly ReporterChoice[] {
  const choices = texts.map((text): ReporterChoice => {
    const colon = text.indexOf(':');
    const name = colon < 0 ? text : text.slice(0, colon);
    const known = REPORTERS.find((each) => each === name);
    if (!known) {
      const meant = didYouMean(name, REPORTERS);
      throw usage(
        'bad-reporter',
        `--reporter ${text}: there is no form "${name}".${meant}`,
        `There are: ${REPORTERS.join(', ')}.`,
      );
    }
    const file = colon < 0 ? undefined : text.slice(colon + 1);
    if (file === '') throw usage('bad-reporter', `--reporter ${text}: the name of the file is missing.`);
    return { name: known, ...(file !== undefined && { file }) };
  });
  const onStdout = choices.filter(({ file, name }) => file === undefined && name !== 'github');
  if (onStdout.length > 1) {
    const names = onStdout.map(({ name }) => name).join(' and ');
    throw usage(
      'two-reporters',
      `${names} cannot both go to standard output.`,
      `Give one a file: --reporter ${onStdout[1]?.name}:FILE.`,
    );
  }
  return choices;
}
