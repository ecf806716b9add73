import { formatBytes } from '../../core/units.ts';
import { type KernelListing, listKernels, removeKernels } from '../../index.ts';
import { cancelOnSignals } from '../cancel.ts';
import type { CommandContext } from '../command-context.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { formatAge, textTable } from '../text.ts';
import { print, printJson } from './print.ts';

export async function kernels(
  subcommand: string | undefined,
  parsed: ParsedCommand,
  context: CommandContext,
): Promise<number> {
  switch (subcommand) {
    case 'build':
      return (await import('./kernel-build.ts')).kernelBuild(parsed, context);
    case 'fetch':
      return (await import('./kernel-build.ts')).kernelFetch(parsed, context);
    case 'show':
      return (await import('./kernel-show.ts')).kernelShow(parsed, context);
    case 'config':
      return (await import('./kernel-config.ts')).kernelConfig(parsed, context);
    case 'rm':
      return remove(parsed);
    default:
      return list(parsed, context);
  }
}

async function list(parsed: ParsedCommand, { cwd }: CommandContext): Promise<number> {
  const all = await listKernels({ cwd });
  await (parsed.flags.has('json') ? printJson(all) : print(textTable(all.flatMap(listingRows))));
  return 0;
}

function listingRows({ name, summary, kind, stored }: KernelListing): string[][] {
  const first = [name, STATES[kind][stored.length === 0 ? 0 : 1], '', '', summary];
  const rows = stored.map(({ key, release, bytes, createdAt, features }) => [
    '',
    `  ${key.slice(0, 12)}`,
    release,
    `${formatBytes(bytes)}, ${formatAge(createdAt)}`,
    features.join(', '),
  ]);
  return [first, ...rows];
}

const STATES = {
  prebuilt: ['not fetched', 'fetched'],
  built: ['not built', 'built'],
  stored: ['', 'in the store'],
} as const;

async function remove(parsed: ParsedCommand): Promise<number> {
  const controller = new AbortController();
  using _signals = cancelOnSignals(controller, () => process.exit(130));
  const done = await removeKernels(parsed.args, { signal: controller.signal });
  const rows = done.removed.map(({ key, name, release }) => [key.slice(0, 12), name, release]);
  await (parsed.flags.has('json')
    ? printJson(done)
    : print(`${textTable(rows)}Freed ${formatBytes(done.freedBytes)}.\n`));
  return 0;
}
