import { resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { parseSmp } from '../../core/smp.ts';
import { checkTimeout } from '../guest/timeout.ts';
import { changedFiles } from './changed-files.ts';
import type { TestFilters } from './plan-tests.ts';
import { agentWords, findSuite, suiteOfFiles, type TestSuite } from './suite.ts';
import { findTestFiles } from './test-file.ts';

/** Which tests are to run, and where: a suite, and what is said instead of what stands in it. */
export interface TestChoice {
  /** Default: the suite called `default`, or the only one; without need when files are named. */
  readonly suite?: string;
  /** Of the suite, relative to where it is asked for; without a suite they are one. Of the kernel's own tests: cases. */
  readonly files?: readonly string[];
  /** Only files that git says are new or changed. */
  readonly changed?: boolean;
  readonly kernels?: readonly string[];
  /** Each as `--smp` takes it. */
  readonly smp?: readonly (number | string)[];
  /** Each a scheduler with its flags; `none` for none. */
  readonly agents?: readonly string[];
  /** For each test, milliseconds; longer for an emulated guest. */
  readonly timeoutMs?: number;
  /** Guests side by side. */
  readonly jobs?: number | 'auto';
  readonly retries?: number;
  /** A regular expression that names must match. */
  readonly grep?: string;
  /** From 1. */
  readonly shard?: { readonly index: number; readonly of: number };
  /** How often each is run. Default: once. */
  readonly repeat?: number;
}

export interface ChosenTests {
  readonly suite: TestSuite;
  readonly filters: TestFilters;
}

/** Throws `Failure` usage for a suite or a file that is not there, and for what contradicts itself. */
export async function chooseTests(choice: TestChoice, cwd: string): Promise<ChosenTests> {
  const { suite: name, files = [], grep, shard, repeat = 1 } = choice;
  const isOwn = name === undefined && files.length > 0;
  const found = isOwn ? suiteOfFiles(files, cwd) : await findSuite(name, cwd);
  if (found.selftests !== undefined) refuseForKselftest(found.name, choice);
  const suite = override(found, choice);
  const wanted = await wantedFiles(suite, { ...choice, files: isOwn ? [] : files }, cwd);
  return {
    suite,
    filters: {
      ...{ repeat },
      ...(wanted && { files: wanted }),
      ...(grep !== undefined && { grep: expression(grep) }),
      ...(shard && { shard }),
    },
  };
}

function override(suite: TestSuite, choice: TestChoice): TestSuite {
  const smp = choice.smp?.map(String);
  for (const text of smp ?? []) parseSmp(text);
  return {
    ...suite,
    kernels: choice.kernels ?? suite.kernels,
    smp: smp ?? suite.smp,
    agents: choice.agents?.map(agentWords) ?? suite.agents,
    timeoutMs: choice.timeoutMs === undefined ? suite.timeoutMs : checkTimeout(choice.timeoutMs),
    jobs: choice.jobs ?? suite.jobs,
    retries: choice.retries ?? suite.retries,
  };
}

/** What makes no sense for the kernel's own tests. */
function refuseForKselftest(name: string, { agents = [], changed }: TestChoice): void {
  if (agents.some((text) => agentWords(text).length > 0))
    throw refusal(
      'agent-and-kselftest',
      `${name} loads schedulers of its own: --agent would be in their way.`,
    );
  if (changed)
    throw refusal(
      'changed-and-kselftest',
      `${name} is no suite of files here: --changed has nothing to ask git for.`,
    );
}

/** Names of what is asked for; undefined: all. */
async function wantedFiles(
  suite: TestSuite,
  { files = [], changed: onlyChanged = false }: TestChoice,
  cwd: string,
): Promise<readonly string[] | undefined> {
  if (files.length === 0 && !onlyChanged) return undefined;
  if (suite.selftests !== undefined) return files;
  const all = findTestFiles(suite.globs, suite.dir);
  const given = files.length === 0 ? all : findTestFiles(files, cwd);
  const asked = new Set(
    files.length === 0 ? all.map(({ path }) => path) : given.map(({ name }) => resolve(cwd, name)),
  );
  const changed = onlyChanged ? await changedFiles(suite.dir) : undefined;
  const wanted = all.filter(({ path }) => asked.has(path) && (changed?.has(path) ?? true));
  const stranger = [...asked].find((path) => !all.some((file) => file.path === path));
  if (stranger !== undefined)
    throw refusal(
      'not-in-suite',
      `${stranger} is not one of the suite ${suite.name}.`,
      'Without the name of a suite, any file is run: devbox test ./FILE.',
    );
  return wanted.map(({ name }) => name);
}

function expression(text: string): string {
  try {
    new RegExp(text);
    return text;
  } catch (cause) {
    throw refusal('bad-grep', `--grep ${text}: ${(cause as Error).message}.`);
  }
}

function refusal(code: string, message: string, hint?: string): Failure {
  return new Failure({ kind: 'usage', code, message, ...(hint !== undefined && { hint }) });
}
