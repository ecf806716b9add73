import { resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { KernelDefinition, KernelSourceSpec } from '../../core/kernel-definition.ts';
import { parseSource } from '../kernel-source/parse-source.ts';
import type { KernelInput } from './definition-schema.ts';
import { findFragment } from './fragments.ts';

interface ReadOptions {
  readonly name: string;
  readonly input: KernelInput;
  /** What relative paths are relative to. */
  readonly dir: string;
  /** For messages: the file that it is written in. */
  readonly file: string;
  /** The kernel that `extends` names. */
  readonly parent: (name: string) => KernelDefinition | undefined;
}

/** A definition with everything filled in. Throws `Failure` usage for what names nothing. */
export function readDefinition({ name, input, dir, file, parent }: ReadOptions): KernelDefinition {
  const origin = input.extends === undefined ? undefined : parent(input.extends);
  if (input.extends !== undefined && !origin) {
    throw bad(file, name, `extends "${input.extends}", which is no kernel`);
  }
  const source = input.source === undefined ? origin?.source : readSource(input.source, dir);
  if (source === undefined) throw bad(file, name, 'has no source and extends nothing');
  const image = input.image === undefined ? origin?.image : resolve(dir, input.image);
  return {
    name,
    description: input.description ?? origin?.description ?? `From ${file}`,
    source,
    base: input.base ?? origin?.base ?? 'tinyconfig',
    fragments: [
      ...(origin?.fragments ?? []),
      ...(input.fragments ?? []).map((text) => findFragment(text, dir)),
    ],
    set: [...(origin?.set ?? []), ...(input.set ?? [])],
    make: { ...origin?.make, ...input.make },
    ...(image !== undefined && { image }),
    append: [...(origin?.append ?? []), ...(input.append ?? [])],
  };
}

function readSource(source: NonNullable<KernelInput['source']>, dir: string): KernelSourceSpec {
  if (typeof source === 'string') return parseSource(source, dir);
  if (source.kind === 'tree') return { ...source, path: resolve(dir, source.path) };
  if (source.kind === 'tarball' && !/^[a-z]+:\/\//.test(source.location)) {
    return { ...source, location: resolve(dir, source.location) };
  }
  if (source.kind !== 'debian-source') return source;
  const { version, ...rest } = source;
  return { ...rest, ...(version !== undefined && { version }) };
}

function bad(file: string, name: string, what: string): Failure {
  return new Failure({
    kind: 'usage',
    code: 'bad-config',
    message: `${file}: the kernel "${name}" ${what}.`,
    hint: 'See `devbox kernel list` for the kernels that can be extended.',
  });
}
