import type { Emit } from '../../core/event.ts';
import type { BuiltSourceSpec } from '../../core/kernel-definition.ts';
import type { Store } from '../../platform/store.ts';
import type { KeyInput } from '../../platform/store-key.ts';
import type { BuildEnvironment } from '../environment/environment.ts';

/** Exactly which bytes a source came to, for devbox.lock and kernel.json: `{kind: 'git', url, ref, commit}`, … */
export type SourcePin = { readonly kind: BuiltSourceSpec['kind'] } & Readonly<Record<string, KeyInput>>;

/** A source whose content is known, though it may not lie here yet. */
export interface ResolvedSource {
  /** SHA-256 in hex over what decides the content. */
  readonly key: string;
  readonly pin: SourcePin;
  /** One line for people: `linux-source-6.12 6.12.117-1`, `https://… v6.12 (adc218676eef)`, `/home/… (dirty)`. */
  readonly title: string;
  /** Downloads and unpacks it, unless it is here. */
  obtain(): Promise<SourceTree>;
}

export interface SourceTree {
  /** Root of a kernel tree, absolute, clean (no .config, no objects), not to be written to. */
  readonly dir: string;
  readonly key: string;
  readonly pin: SourcePin;
  /** For SOURCE_DATE_EPOCH and KBUILD_BUILD_TIMESTAMP: seconds; the same for the same content. */
  readonly epoch: number;
  /** `6.12.117`, from the Makefile. */
  readonly version: string;
  /**
   * Whether `dir` is kept at one place and only changed files change their time from one content to the next, so that
   * make in a kept output directory rebuilds only those. Then the lock that this holds must be disposed of after use.
   */
  readonly incremental: boolean;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SourceContext {
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  readonly store: Store;
  readonly progress: (detail: string) => void;
  /** Asked for only when something must be fetched or unpacked. */
  readonly environment: () => Promise<BuildEnvironment>;
  /** No network may be used. */
  readonly offline: boolean;
  /** What devbox.lock says, when it says something and the lock is to be held to. */
  readonly pin?: SourcePin | undefined;
}

export type ResolveSource = (spec: BuiltSourceSpec, context: SourceContext) => Promise<ResolvedSource>;
