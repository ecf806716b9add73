import type { LoggedOptions, LoggedResult } from '../run-logged.ts';

/** A directory of the host that a command sees. */
export interface EnvironmentMount {
  /** Absolute, existing. */
  readonly host: string;
  /** A directory below /mnt, the same in every environment: paths go into what a compiler makes. */
  readonly guest: string;
  /**
   * `input` is read-only. `work` is kept where the builder is, from one command to the next, and may never be seen on the
   * host (a remote daemon has it in a volume). `output` is on the host when the command has ended.
   */
  readonly mode: 'input' | 'work' | 'output';
  /** Of an input: identifies its content. A builder that must copy it to another machine keeps the copy by this. */
  readonly key?: string;
}

export interface EnvironmentCommand extends Omit<LoggedOptions, 'cwd' | 'env' | 'stdout'> {
  readonly mounts: readonly EnvironmentMount[];
  /** Inside. `/` unless told. */
  readonly cwd?: string;
  /** On top of PATH, HOME and LANG; nothing else goes in. */
  readonly env?: Readonly<Record<string, string>>;
  /** No unless told. */
  readonly network?: boolean;
  /** What the command may use; a builder without a way to limit it says so once. */
  readonly limits?: { readonly cpus?: number; readonly memoryBytes?: number };
}

/** Packages that can change a byte of what is built, and their versions. */
export interface Toolchain {
  /** SHA-256 over `packages`: equal in Docker and embedded when the same versions are installed. */
  readonly digest: string;
  readonly packages: Readonly<Record<string, string>>;
}

/** An image and something that runs commands in it: a Docker daemon, or the embedded build root. */
export interface BuildEnvironment {
  readonly builder: 'docker' | 'embedded';
  readonly toolchain: Toolchain;
  /** The image's digest (`sha256:…`) or the build root's key. */
  readonly image: string;
  /** To its end, all it says in a log; throws `Failure` as `runLogged` does. */
  run(command: EnvironmentCommand): Promise<LoggedResult>;
}

export type BuilderChoice = 'auto' | 'docker' | 'embedded';
