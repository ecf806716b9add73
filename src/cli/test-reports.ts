import { appendFileSync, closeSync, openSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatReport, type SuiteResult } from '../index.ts';
import { githubAnnotations } from '../results/reporters/github.ts';
import { createOutput } from './output.ts';
import { usage } from './parse/parse-words.ts';
import type { ReporterName } from './parse/test-command.ts';
import type { ReporterChoice } from './parse/test-request.ts';

export interface Reports {
  /** Standard output belongs to a report: nothing else may be written to it. */
  readonly onStdout: boolean;
  write(result: SuiteResult): Promise<void>;
  /** When everything else has been shown. */
  annotate(): Promise<void>;
}

/** Makes sure now that every file can be written when all tests have been run. Throws `Failure` usage/report-unwritable. */
export function openReports(choices: readonly ReporterChoice[], cwd: string): Reports {
  for (const { file } of choices) {
    if (file !== undefined) checkWritable(file, resolve(cwd, file));
  }
  const direct = choices.find(({ file, name }) => file === undefined && !BESIDE.has(name));
  const annotates = choices.some(({ file, name }) => file === undefined && name === 'github');
  let annotations = '';
  return {
    onStdout: direct !== undefined,
    write: async (result) => {
      for (const { name, file } of choices) {
        if (file !== undefined) writeFileSync(resolve(cwd, file), await formatReport(name, result));
      }
      if (direct) await createOutput(process.stdout).write(await formatReport(direct.name, result));
      if (!annotates) return;
      annotations = githubAnnotations(result);
      const page = process.env.GITHUB_STEP_SUMMARY;
      if (page) appendFileSync(page, await formatReport('github', result));
    },
    annotate: async () => {
      if (annotations !== '') await createOutput(process.stdout).write(annotations);
    },
  };
}

/** Forms that may go to standard output beside what is shown there anyway. */
const BESIDE: ReadonlySet<ReporterName> = new Set(['pretty', 'github']);

function checkWritable(shown: string, path: string): void {
  try {
    closeSync(openSync(path, 'a'));
  } catch (cause) {
    throw usage(
      'report-unwritable',
      `The report cannot be written to ${shown}: ${(cause as Error).message}.`,
      'Its directory must be there.',
    );
  }
}
