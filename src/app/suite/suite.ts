import { dirname, relative } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { isKselftest } from '../../core/kselftest.ts';
import { didYouMean } from '../../core/nearest.ts';
import { parseSmp } from '../../core/smp.ts';
import { parseBytes, parseDuration } from '../../core/units.ts';
import type { VerdictKind } from '../../core/verdict.ts';
import { loadConfig } from '../config/load-config.ts';
import type { SuiteInput } from '../config/suite-schema.ts';
import { DEFAULT_MEMORY } from '../guest/guest-memory.ts';
import type { KnownFinding } from './known-findings.ts';
import { KSELFTESTS, parseKselftest, type SelftestSuite } from './kselftest-suite.ts';

/** Tests, and where they run. */
export interface TestSuite {
  readonly name: string;
  /** What its globs are relative to, absolute. */
  readonly dir: string;
  readonly globs: readonly string[];
  /** Each the words of an agent and its flags. Without words: no scheduler is loaded. At least one. */
  readonly agents: readonly (readonly string[])[];
  readonly kernels: readonly string[];
  readonly smp: readonly string[];
  readonly memoryBytes: number;
  /** For each test, before it is made longer for an emulated guest. */
  readonly timeoutMs: number;
  readonly retries: number;
  readonly vm: 'shared' | 'per-test';
  readonly jobs: number | 'auto';
  readonly expect: VerdictKind;
  /** The kernel's own tests instead of files. */
  readonly selftests?: SelftestSuite;
  readonly known: readonly KnownFinding[];
}

const DEFAULT_SUITE = 'default';
const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * The suite that is meant by `name`; by nothing: the one called `default`, or the only one. Throws `Failure` usage when
 * there is no such suite.
 */
export async function findSuite(name: string | undefined, cwd: string): Promise<TestSuite> {
  if (name !== undefined && isKselftest(name))
    return { ...readSuite(name, { files: [] }, cwd), selftests: parseKselftest(name) };
  const loaded = await loadConfig(cwd);
  const suites = loaded?.config.suites ?? {};
  const names = Object.keys(suites);
  if (!loaded || names.length === 0) {
    throw new Failure({
      kind: 'usage',
      code: 'no-suites',
      message: loaded
        ? `${relative(cwd, loaded.file) || loaded.file} names no suites of tests.`
        : 'There is no devbox.config.ts or devbox.config.json here or above, so there are no suites of tests.',
      hint: 'Name files: devbox test ./tests/*.sh; or add a suite: { suites: { default: { files: "tests/*" } } }.',
    });
  }
  const wanted = name ?? (names.length === 1 ? names[0] : DEFAULT_SUITE);
  const input = wanted === undefined ? undefined : suites[wanted];
  if (wanted === undefined || input === undefined) {
    throw new Failure({
      kind: 'usage',
      code: 'no-such-suite',
      message:
        name === undefined
          ? `There are ${names.length} suites and none is called "${DEFAULT_SUITE}".`
          : `There is no suite "${name}".${didYouMean(name, names)}`,
      hint: `There are: ${names.join(', ')}. Files are given with a / in them: ./tests/one.sh.`,
    });
  }
  return readSuite(wanted, input, dirname(loaded.file));
}

/** The suites that have a name in `cwd`, and the kernel's own. */
export async function listSuites(
  cwd: string,
): Promise<readonly { readonly name: string; readonly summary: string }[]> {
  const suites = (await loadConfig(cwd))?.config.suites ?? {};
  const own = Object.entries(suites).map(([name, { files }]) => ({
    name,
    summary: [files].flat().join(' '),
  }));
  return [...own, ...KSELFTESTS];
}

/** What a suite of files named on the command line is called. */
export const UNNAMED_SUITE = 'files';

/** Files named on the command line, as a suite. */
export function suiteOfFiles(globs: readonly string[], dir: string): TestSuite {
  return readSuite(UNNAMED_SUITE, { files: [...globs] }, dir);
}

function readSuite(name: string, input: SuiteInput, dir: string): TestSuite {
  const smp = (input.smp ?? [2]).map(String);
  for (const text of smp) parseSmp(text);
  return {
    name,
    dir,
    globs: [input.files].flat(),
    agents: readAgents(name, input),
    kernels: input.kernels ?? ['scx'],
    smp,
    memoryBytes: read(name, 'memory', input.memory, parseBytes, 'a size such as 512M') ?? DEFAULT_MEMORY,
    timeoutMs:
      read(name, 'timeout', input.timeout, parseDuration, 'a time such as 90s') ?? DEFAULT_TIMEOUT_MS,
    retries: input.retries ?? 0,
    vm: input.vm ?? 'shared',
    jobs: input.jobs ?? 'auto',
    expect: input.expect ?? 'passed',
    known: input.known ?? [],
  };
}

function readAgents(suite: string, { agent, agents }: SuiteInput): TestSuite['agents'] {
  if (agent !== undefined && agents !== undefined) {
    throw new Failure({
      kind: 'usage',
      code: 'bad-config',
      message: `suites.${suite} has both agent and agents: one of them is enough.`,
    });
  }
  return (agents ?? [agent ?? NO_AGENT]).map(agentWords);
}

const NO_AGENT = 'none';

/** `cfs --latency 5ms` as words; none of `none`. */
export function agentWords(text: string | readonly string[]): readonly string[] {
  const words = [text].flat().flatMap((part) => part.split(/\s+/).filter(Boolean));
  return words[0] === NO_AGENT ? [] : words;
}

function read(
  suite: string,
  key: string,
  text: string | undefined,
  parse: (text: string) => number | undefined,
  what: string,
): number | undefined {
  if (text === undefined) return undefined;
  const value = parse(text);
  if (value !== undefined && value > 0) return value;
  throw new Failure({
    kind: 'usage',
    code: 'bad-config',
    message: `suites.${suite}.${key}: "${text}" is not ${what}.`,
  });
}
