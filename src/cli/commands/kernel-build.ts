import { buildKernel, fetchKernel, type PreparedKernel } from '../../index.ts';
import { runBuildSession } from '../build-session.ts';
import type { CommandContext } from '../command-context.ts';
import { kernelBuildOptions } from '../parse/kernel-request.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { textTable } from '../text.ts';
import { jsonKernel } from './kernel-show.ts';

export function kernelBuild(parsed: ParsedCommand, context: CommandContext): Promise<number> {
  const options = kernelBuildOptions(parsed);
  const { name, source, config = [], set = [], image } = options;
  const isPlain = source === undefined && image === undefined && config.length + set.length === 0;
  return runBuildSession({
    ...{ parsed, context },
    perform: (around) => buildKernel({ ...options, cwd: context.cwd, ...around }),
    result: (kernel) => result(kernel, isPlain ? (name as string) : kernel.artifact.key.slice(0, 12)),
  });
}

export function kernelFetch(parsed: ParsedCommand, context: CommandContext): Promise<number> {
  const name = parsed.args[0] as string;
  return runBuildSession({
    ...{ parsed, context },
    perform: (around) => fetchKernel(name, { cwd: context.cwd, ...around }),
    result: (kernel) => result(kernel, name),
  });
}

/** `word` is what names the kernel for `--kernel` from now on. */
function result({ artifact, cached, built }: PreparedKernel, word: string) {
  const rows = [
    ['kernel', `${artifact.name}, Linux ${artifact.release}`],
    ...(built ? [['source', built.source.title]] : []),
    ['key', artifact.key.slice(0, 12)],
    ['features', [...artifact.features].join(', ')],
    ['run it', `devbox run --kernel ${word} fifo`],
  ];
  return {
    text: textTable(rows),
    quiet: `${artifact.key}\n`,
    json: { type: 'kernel', cached, ...jsonKernel(artifact), ...(built && { source: built.source.pin }) },
  };
}
