import { createHash } from 'node:crypto';
import { Failure } from '../../core/failure.ts';
import { didYouMean } from '../../core/nearest.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { TestCell } from '../../core/test-result.ts';
import type { VerdictKind } from '../../core/verdict.ts';
import type { TestsOfKernels } from './prepare-kselftest.ts';
import { type TestSuite, UNNAMED_SUITE } from './suite.ts';
import { findTestFiles, type TestFile } from './test-file.ts';

/** One file in one place of the matrix. */
export interface PlannedTest {
  /** Its place in the plan, from 0: the order in which results are told. */
  readonly index: number;
  readonly file: TestFile;
  readonly cell: TestCell;
  /** Words of the agent that is loaded and its flags; empty: none. */
  readonly agent: readonly string[];
  /** Words of the agent that it is a test of: the one that is loaded, or that it loads itself. */
  readonly about: readonly string[];
  readonly expect: VerdictKind;
  readonly timeoutMs: number;
  /** What a scheduler is thrown out for is the test's own affair, and no verdict. */
  readonly allowsEjection: boolean;
  /** The command that runs just this one again. */
  readonly again: string;
}

/** What the command line narrows a suite to. */
export interface TestFilters {
  /** Only files whose name matches this regular expression. */
  readonly grep?: string;
  /** Only these files of the suite, or of the kernel's own tests, by name. */
  readonly files?: readonly string[];
  /** From 1. */
  readonly shard?: { readonly index: number; readonly of: number };
  /** How often each is run. */
  readonly repeat: number;
}

/**
 * Everything that is to run, in the order in which it is told. `prepared`: tests that are not files, see `prepareKselftest`.
 * Throws `Failure` usage when that is nothing.
 */
export function planTests(suite: TestSuite, filters: TestFilters, prepared?: TestsOfKernels): PlannedTest[] {
  const grep = filters.grep === undefined ? undefined : new RegExp(filters.grep);
  if (prepared) requireKnown(suite, filters, prepared);
  const found = prepared ? [] : findTestFiles(suite.globs, suite.dir);
  const filesOf = (kernel: string) =>
    (prepared?.get(kernel) ?? found).filter(
      ({ name }) =>
        (grep?.test(name) ?? true) && (filters.files === undefined || filters.files.includes(name)),
    );
  const places = suite.kernels.flatMap((kernel) => suite.smp.map((smp) => ({ kernel, smp })));
  const all = places
    .flatMap((place) => inAllAgents(filesOf(place.kernel), suite).map((test) => ({ place, ...test })))
    .filter(({ place, file, about }) =>
      isInShard(filters.shard, [file.name, place.kernel, place.smp, ...about].join('\0')),
    )
    .flatMap((test) => Array.from({ length: filters.repeat }, () => test));
  if (all.length === 0) throw nothingToRun(suite, filters);
  return all.map(({ place, file, agent, about }, index) => {
    const { directives } = file;
    const cell = { ...place, ...(about.length > 0 && { agent: about.join(' ') }) };
    return {
      ...{ index, file, agent, about, cell },
      expect: directives.expect ?? suite.expect,
      timeoutMs: directives.timeoutMs ?? suite.timeoutMs,
      allowsEjection: suite.selftests !== undefined,
      again: againText(suite, file, cell),
    };
  });
}

/** Every file under every agent, agents first. One that names an agent itself has nothing to do with the suite's. */
function inAllAgents(files: readonly TestFile[], { agents }: TestSuite) {
  return agents.flatMap((agent, index) =>
    files
      .filter(({ directives }) => index === 0 || directives.agent === undefined)
      .map((file) => {
        const about = file.directives.agent ?? agent;
        return { file, about, agent: file.directives.isUnloaded ? [] : about };
      }),
  );
}

/** By a digest of what it is, so that adding a test moves no other from one shard to another. */
function isInShard(shard: TestFilters['shard'], identity: string): boolean {
  if (!shard) return true;
  const digest = createHash('sha256').update(identity).digest();
  return digest.readUInt32LE(0) % shard.of === shard.index - 1;
}

function againText(suite: TestSuite, file: TestFile, { kernel, smp, agent }: TestCell): string {
  const own = file.directives.agent === undefined && agent !== undefined ? { agent } : {};
  return commandText(suite, [argumentOf(file)], { kernel, smp, ...own });
}

/** The command that runs all tests of this place again. */
export function againInCell(suite: TestSuite, cell: TestCell): string {
  const isNamed = suite.name !== UNNAMED_SUITE;
  const files = isNamed ? [] : findTestFiles(suite.globs, suite.dir).map(argumentOf);
  return commandText(suite, files, cell);
}

function argumentOf({ kind, name }: TestFile): string {
  return kind === 'selftest' || name.includes('/') ? name : `./${name}`;
}

function commandText(suite: TestSuite, files: readonly string[], { kernel, smp, agent }: TestCell): string {
  const which = suite.name === UNNAMED_SUITE ? [] : [suite.name];
  const under = agent === undefined ? [] : ['--agent', agent];
  return ['devbox', 'test', ...which, ...files, '--kernel', kernel, '--smp', smp, ...under]
    .map(shellWord)
    .join(' ');
}

/** Throws for the name of a case that no kernel has. */
function requireKnown(suite: TestSuite, { files = [] }: TestFilters, prepared: TestsOfKernels): void {
  const known = [...new Set([...prepared.values()].flat().map(({ name }) => name))];
  const stranger = files.find((name) => !known.includes(name));
  if (stranger === undefined) return;
  throw new Failure({
    kind: 'usage',
    code: 'not-in-suite',
    message: `${suite.name} has no case "${stranger}" for ${suite.kernels.join(', ')}.${didYouMean(stranger, known)}`,
    hint: `There are: ${known.join(', ')}.`,
  });
}

function nothingToRun(suite: TestSuite, { grep, files, shard }: TestFilters): Failure {
  const wanted = [
    ...(grep ? [`--grep ${grep}`] : []),
    ...(files ? files.map((name) => `the file ${name}`) : []),
    ...(shard ? [`--shard ${shard.index}/${shard.of}`] : []),
  ];
  return new Failure({
    kind: 'usage',
    code: 'no-tests',
    message: `No test of the suite ${suite.name} is left by ${wanted.join(' and ')}: nothing would be tested.`,
    hint: `\`devbox test ${suite.name} --list\` shows them all.`,
  });
}
