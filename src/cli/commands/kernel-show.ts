import { relative } from 'node:path';
import { FEATURE_OPTIONS, type KernelArtifact, type KernelFeature } from '../../core/kernel.ts';
import type { KernelDefinition, KernelSourceSpec } from '../../core/kernel-definition.ts';
import { describeKernel, type KernelDescription } from '../../index.ts';
import type { CommandContext } from '../command-context.ts';
import type { ParsedCommand } from '../parse/table.ts';
import { textTable } from '../text.ts';
import { print, printJson } from './print.ts';
import { withProgress } from './with-progress.ts';

export async function kernelShow(parsed: ParsedCommand, { cwd }: CommandContext): Promise<number> {
  const selector = parsed.args[0] as string;
  const kernel = await withProgress((around) => describeKernel(selector, { cwd, ...around }));
  const { definition, artifact, stored } = kernel;
  await (parsed.flags.has('json')
    ? printJson({ ...(definition && { definition }), stored, ...(artifact && jsonKernel(artifact)) })
    : print(textTable(rows(kernel, cwd))));
  return 0;
}

/** A kernel as JSON has it: sets as lists, the configuration as an object. */
export function jsonKernel({ config, features, unknownFeatures, ...rest }: KernelArtifact) {
  return {
    ...rest,
    features: [...features],
    unknownFeatures: [...unknownFeatures],
    config: config && Object.fromEntries(config),
  };
}

function rows({ definition, artifact, stored }: KernelDescription, cwd: string): string[][] {
  return [
    ...(definition ? definitionRows(definition, cwd) : []),
    ...(artifact ? artifactRows(artifact) : [['built', `no: devbox kernel build ${definition?.name}`]]),
    ...stored
      .slice(1)
      .map(({ key, release, createdAt }, index) => [
        index === 0 ? 'older' : '',
        `${release}, ${key.slice(0, 12)}, of ${createdAt.slice(0, 10)}`,
      ]),
  ];
}

function definitionRows(definition: KernelDefinition, cwd: string): string[][] {
  const { name, description, source, base, fragments, set, make, image, append } = definition;
  const near = (path: string) => (relative(cwd, path).startsWith('..') ? path : relative(cwd, path));
  const head = [
    ['name', name],
    ['description', description],
    ['source', sourceText(source)],
  ];
  if (source.kind === 'debian-prebuilt') return head;
  return [
    ...head,
    ['begins with', `make ${base}`],
    ...fragments.map((file, index) => [index === 0 ? 'fragments' : '', near(file)]),
    ...set.map((text, index) => [index === 0 ? 'options' : '', text]),
    ...Object.entries(make).map(([variable, text], index) => [
      index === 0 ? 'make' : '',
      `${variable}=${text}`,
    ]),
    ...(image === undefined ? [] : [['image', near(image)]]),
    ...(append.length === 0 ? [] : [['boots with', append.join(' ')]]),
  ];
}

function sourceText(source: KernelSourceSpec): string {
  switch (source.kind) {
    case 'debian-prebuilt':
      return `linux-image-${source.flavour} of ${source.suite}, built by Debian`;
    case 'debian-source':
      return `${source.package}${source.version === undefined ? '' : `=${source.version}`} of ${source.suite}`;
    case 'git':
      return `${source.url} at ${source.ref}`;
    case 'tarball':
      return `${source.location} (SHA-256 ${source.sha256.slice(0, 12)}…)`;
    case 'tree':
      return source.path;
    default:
      return source satisfies never;
  }
}

function artifactRows(kernel: KernelArtifact): string[][] {
  const { release, key, bootImage, bootProtocol, modulesDir, config } = kernel;
  return [
    ['release', release],
    ['key', key],
    ['boots', `${bootImage} (${bootProtocol === 'pvh' ? 'vmlinux by PVH' : 'bzImage'})`],
    ['modules', modulesDir ?? 'none'],
    ['configuration', config ? `${config.size} options` : 'not in the kernel'],
    ...(Object.keys(FEATURE_OPTIONS) as KernelFeature[]).map((feature) => [
      feature,
      featureText(feature, kernel),
    ]),
    ['missing kfuncs', missingText(kernel)],
  ];
}

function missingText({ missingKfuncs }: KernelArtifact): string {
  if (missingKfuncs === undefined) return 'cannot be told';
  return missingKfuncs.length === 0 ? 'none' : missingKfuncs.join(', ');
}

function featureText(feature: KernelFeature, { features, unknownFeatures }: KernelArtifact): string {
  if (features.has(feature)) return 'yes';
  return `${unknownFeatures.has(feature) ? 'cannot be told' : 'no'} (${FEATURE_OPTIONS[feature].join(', ')})`;
}
