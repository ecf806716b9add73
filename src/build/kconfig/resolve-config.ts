import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { BuildEnvironment, EnvironmentMount } from '../environment/environment.ts';
import type { SourceTree } from '../kernel-source/source.ts';
import { findUnfulfilled } from './compare-config.ts';
import { findReasons } from './find-reasons.ts';
import { configLine, mergeRequests } from './parse-fragment.ts';
import type { ConfigRequest, DroppedOption, ResolvedConfig } from './request.ts';

export interface ResolveOptions {
  readonly environment: BuildEnvironment;
  readonly source: SourceTree;
  /** The output directory of make, on the host; it may have been used before. */
  readonly outDir: string;
  /** An empty directory on the host for what goes in and comes out; the caller removes it. */
  readonly scratch: string;
  /** The make target that the configuration begins with. */
  readonly base: string;
  /** In the order of their force: a later one overrides an earlier one for the same symbol. */
  readonly requests: readonly ConfigRequest[];
  /** Variables for make's command line. */
  readonly make: Readonly<Record<string, string>>;
  /** Shell commands before make is called. */
  readonly before?: string;
  /** Besides those that configuring needs. */
  readonly mounts?: readonly EnvironmentMount[];
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((detail: string) => void) | undefined;
}

/** Where a kernel's source and its output directory are seen in every environment: paths go into what is compiled. */
export const SOURCE_PATH = '/mnt/source';
export const BUILD_PATH = '/mnt/build';

const resolveScript = (before = '') => `
set -e
${before}
base=$1
shift
make -s -C ${SOURCE_PATH} O=${BUILD_PATH} "$@" "$base"
sed -f /mnt/request/drop.sed ${BUILD_PATH}/.config | cat - /mnt/request/requested.config >${BUILD_PATH}/.config.merged
mv ${BUILD_PATH}/.config.merged ${BUILD_PATH}/.config
make -s -C ${SOURCE_PATH} O=${BUILD_PATH} "$@" olddefconfig
cp ${BUILD_PATH}/.config /mnt/answer/config
`;

/**
 * Configures a kernel: the base, then what is requested, then defaults for the rest, by the tree's own tools. Then holds the
 * result against the requests: make drops silently what dependencies forbid.
 */
export async function resolveConfig(options: ResolveOptions): Promise<ResolvedConfig> {
  checkBase(options.base);
  const requests = mergeRequests(options.requests);
  const [request, answer] = [join(options.scratch, 'request'), join(options.scratch, 'answer')];
  for (const dir of [request, answer]) mkdirSync(dir, { recursive: true });
  writeFileSync(join(request, 'requested.config'), `${requests.map(configLine).join('\n')}\n`);
  // Else Kconfig would complain of each that it is set twice.
  const drop = requests.map(({ symbol }) => `/^CONFIG_${symbol}=/d\n/^# CONFIG_${symbol} is not set/d\n`);
  writeFileSync(join(request, 'drop.sed'), drop.join(''));
  const mounts: EnvironmentMount[] = [
    { host: options.source.dir, guest: SOURCE_PATH, mode: 'input' },
    { host: options.outDir, guest: BUILD_PATH, mode: 'work' },
    { host: request, guest: '/mnt/request', mode: 'input' },
    { host: answer, guest: '/mnt/answer', mode: 'output' },
    ...(options.mounts ?? []),
  ];
  const variables = Object.entries(options.make).map(([name, value]) => `${name}=${value}`);
  options.progress?.(`${options.base} and ${requests.length} options`);
  await options.environment.run({
    argv: ['sh', '-c', resolveScript(options.before), 'resolve', options.base, ...variables],
    mounts,
    ...(options.env && { env: options.env }),
    name: 'kernel-config',
    title: `Configuring Linux ${options.source.version}`,
    signal: options.signal,
    failure: { code: 'kernel-config-failed', hint: (lines) => hint(lines, options.base) },
  });
  const text = readFileSync(join(answer, 'config'), 'utf8');
  const unfulfilled = findUnfulfilled(requests, text);
  if (unfulfilled.length === 0) return { text, dropped: [] };
  options.progress?.(`looking why ${unfulfilled.length} of them came out otherwise`);
  const reasons = await findReasons({
    ...options,
    mounts,
    request,
    answer,
    config: text,
    variables,
    unfulfilled,
  });
  const dropped = unfulfilled.map((item, index) => {
    return { ...item, reason: withAskers(reasons[index] as DroppedOption['reason'], requests) };
  });
  return { text, dropped: dropped.filter((option) => !isOverridden(option, requests)) };
}

/** A dependency may not hold because somebody asks for the opposite. */
function withAskers(
  reason: DroppedOption['reason'],
  requests: readonly ConfigRequest[],
): DroppedOption['reason'] {
  if (reason.kind !== 'dependency') return reason;
  const missing = reason.missing.map((part) => {
    const asker = requests.find(({ symbol, value }) => symbol === part.symbol && value === part.is);
    return asker === undefined ? part : { ...part, asked: asker.from };
  });
  return { ...reason, missing };
}

/** Whether somebody later asked for another member of the same choice: that is no mistake. */
function isOverridden({ request, reason }: DroppedOption, requests: readonly ConfigRequest[]): boolean {
  if (reason.kind !== 'choice') return false;
  const later = requests.slice(requests.indexOf(request) + 1);
  return later.some(({ symbol, value }) => symbol === reason.taken && value === 'y');
}

function checkBase(base: string): void {
  if (/^[\w.-]*config$/.test(base) && !/^(?:menu|x|n|g|old|sync|local)config$/.test(base)) return;
  throw new Failure({
    kind: 'usage',
    code: 'bad-base-config',
    message: `"${base}" is no configuration to begin with.`,
    hint: 'It is a make target that asks no questions: tinyconfig, allnoconfig, defconfig, or a file of arch/x86/configs.',
  });
}

function hint(lines: readonly string[], base: string): string | undefined {
  const text = lines.join('\n');
  if (/No rule to make target|Can't find default configuration/.test(text)) {
    return `This tree has no ${base}. tinyconfig, allnoconfig and defconfig are in every tree.`;
  }
  if (/is not clean/.test(text))
    return 'The tree has been built in place: run `make mrproper` in a copy of it.';
  if (/(?:flex|bison).*not found/.test(text))
    return 'The image lacks flex or bison: add them to its packages.';
  return undefined;
}
