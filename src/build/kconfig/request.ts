/** One line of a fragment or one `--set`: what somebody wants of the configuration. */
export interface ConfigRequest {
  /** Without `CONFIG_`. */
  readonly symbol: string;
  /** `y`, `m`, `n`, or a value as a .config has it: `"text"`, `0x10`, `300`. */
  readonly value: string;
  /** A file and its line, counted from 1, or `--set`. */
  readonly from: { readonly file: string; readonly line?: number };
}

/** A request that the resolved configuration does not fulfil, and why. */
export interface DroppedOption {
  readonly request: ConfigRequest;
  /** What it came to: `n` when it is not set. */
  readonly actual: string;
  readonly reason: /** No Kconfig file of this tree defines it; `nearest` may be meant. */
    | { readonly kind: 'unknown'; readonly nearest?: string }
    /** Its `depends on` does not hold. `missing`: the parts that do not, innermost first, with what to add for each. */
    | {
        readonly kind: 'dependency';
        readonly expression: string;
        readonly missing: readonly MissingDependency[];
      }
    /** Switched on (or up) by `select` of others that are on. */
    | { readonly kind: 'selected'; readonly by: readonly string[] }
    /** It has no prompt here: only `select` or a default can set it. `add`: lines that bring it about, when some do. */
    | { readonly kind: 'no-prompt'; readonly selectedBy: readonly string[]; readonly add: readonly string[] }
    /** Another member of its choice was taken. */
    | { readonly kind: 'choice'; readonly taken: string }
    /** A later line asks for something else, or the value is out of range or of another type. */
    | { readonly kind: 'other'; readonly text: string };
}

export interface MissingDependency {
  readonly symbol: string;
  readonly needs: string;
  readonly is: string;
  /** Lines to add to a fragment that would fulfil it, `CONFIG_` included; empty when none can. */
  readonly add: readonly string[];
  /** Who asks for what it is. */
  readonly asked?: ConfigRequest['from'];
}

export interface ResolvedConfig {
  /** The whole .config, for `make`. */
  readonly text: string;
  readonly dropped: readonly DroppedOption[];
}
