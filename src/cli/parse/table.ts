/** What completes a value: files, names that only the machine knows, or the choices themselves. */
export type Completion =
  | 'none'
  | 'file'
  | 'directory'
  | 'agent'
  | 'agent-or-path'
  | 'policy-or-path'
  | 'sim-workload'
  /** After `--`: a flag of the agent that was named, or its value. */
  | 'agent-flag'
  | 'workload'
  | 'kernel'
  | 'kernel-name'
  | 'fragment'
  | 'run'
  | 'guest'
  | 'suite-or-file'
  /** After `kselftest:…`: a case of it. */
  | 'kselftest-case'
  | 'command';

export interface ValueSpec {
  /** How help calls it: `N`, `DIR[:GUEST][:ro]`. */
  readonly label: string;
  readonly completion?: Completion;
  /** Nothing else is taken. */
  readonly choices?: readonly string[];
}

export interface FlagSpec {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** Absent: the flag stands alone. */
  readonly value?: ValueSpec;
  /** Given twice is an error unless this is set. */
  readonly repeatable?: true;
  readonly summary: string;
}

export interface ArgumentSpec extends ValueSpec {
  readonly required: boolean;
  readonly repeatable?: true;
}

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs for `devbox help COMMAND`. */
  readonly details?: readonly string[];
  readonly examples?: readonly (readonly [command: string, what: string])[];
  readonly flags?: readonly FlagSpec[];
  readonly args?: readonly ArgumentSpec[];
  /** Words after `--`, passed on untouched. */
  readonly rest?: { readonly label: string; readonly required: boolean; readonly summary: string };
  /** Subcommands; such a command does nothing by itself. */
  readonly commands?: readonly CommandSpec[];
  /** Left out of help and completion. */
  readonly hidden?: true;
}

export interface EnvironmentSpec {
  readonly name: string;
  readonly summary: string;
}

/** A command line, cut up and checked against the table; values are still text. */
export interface ParsedCommand {
  /** `['agent', 'show']` */
  readonly path: readonly string[];
  readonly spec: CommandSpec;
  /** Flag name to its values in order; a flag that stands alone has an empty list. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly args: readonly string[];
  /** Words after `--`; undefined when there was no `--`. */
  readonly rest: readonly string[] | undefined;
}
