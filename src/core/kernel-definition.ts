/** Where a kernel comes from. */
export type KernelSourceSpec =
  /** A signed kernel that Debian ships built: nothing is compiled. */
  | { readonly kind: 'debian-prebuilt'; readonly suite: string; readonly flavour: string }
  /** A Debian source package (`linux-source-6.12`), obtained and verified by apt. The newest version unless told. */
  | {
      readonly kind: 'debian-source';
      readonly package: string;
      /** `trixie`, or `trixie-backports`. */
      readonly suite: string;
      readonly version?: string;
    }
  /** A git repository at a branch, a tag or a commit. */
  | { readonly kind: 'git'; readonly url: string; readonly ref: string }
  /** A tar archive, at an absolute path or a URL. */
  | { readonly kind: 'tarball'; readonly location: string; readonly sha256: string }
  /** A directory on this machine, absolute. It is never written to. */
  | { readonly kind: 'tree'; readonly path: string };

export type BuiltSourceSpec = Exclude<KernelSourceSpec, { kind: 'debian-prebuilt' }>;

/** A kernel that has a name: what it is made of. kernel-configs/NAME.json, or an entry of the user's devbox.config. */
export interface KernelDefinition {
  readonly name: string;
  readonly description: string;
  readonly source: KernelSourceSpec;
  /** The make target that the configuration begins with: `tinyconfig`, `allnoconfig`, `defconfig`… */
  readonly base: string;
  /** Fragments in the order to merge them: absolute paths of files. */
  readonly fragments: readonly string[];
  /** `CONFIG_X=y`, after the fragments. */
  readonly set: readonly string[];
  /** Variables for make's command line, beyond those that every build gets: `WERROR=0`. */
  readonly make: Readonly<Record<string, string>>;
  /** What it is built in: a directory with a Dockerfile, absolute, or undefined for images/build. */
  readonly image?: string;
  /** Words that a boot of it needs on the kernel's command line. */
  readonly append: readonly string[];
}
