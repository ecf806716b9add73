import type { ShareSpec } from '../core/share-spec.ts';
import type { SmpTopology } from '../core/smp.ts';
import type { TypeCheck } from './policy/inspect-policy.ts';

/** What every command that boots a guest is told. Parsed and defaulted once, at the edge; never changed after. */
export interface GuestRequest {
  /** Where devbox was started: what devbox.config and devbox.lock are looked for from. */
  readonly cwd: string;
  readonly smp: SmpTopology;
  readonly memoryBytes: number;
  /** In the order to mount them: an outer directory comes before one inside it. May be empty. */
  readonly shares: readonly ShareSpec[];
  /** Where processes start in the guest: inside a share when the current directory is in one, else `/`. */
  readonly workingDirectory: string;
  readonly accel: 'auto' | 'kvm' | 'tcg';
  /** For the whole run, milliseconds. */
  readonly timeoutMs?: number;
  /** Words for the kernel's command line, as given. */
  readonly append: readonly string[];
  /** Boot, instead of cloning a machine that was booted before. */
  readonly freshBoot: boolean;
  /** `scx`, a named kernel in the store, a path to an image or to a built tree. A path when it contains a `/`. */
  readonly kernel: string;
}

export type AgentChoice =
  /** One of ours, by its name in `devbox agent list`. */
  | { readonly kind: 'named'; readonly name: string }
  /** A policy's file, or any executable: an absolute path on the host. */
  | { readonly kind: 'path'; readonly path: string };

export type WorkloadChoice =
  /** One of ours, by its name in `devbox workload list`. */
  | { readonly kind: 'named'; readonly name: string; readonly args: readonly string[] }
  /** For `sh -c` in the guest. */
  | { readonly kind: 'shell'; readonly command: string };

export interface RunRequest extends GuestRequest {
  readonly agent: AgentChoice;
  readonly agentArgs: readonly string[];
  /** What becomes of mistakes that tsc finds in a policy's file. */
  readonly types: TypeCheck;
  /** Undefined: the default one. */
  readonly workload?: WorkloadChoice;
}

export interface ExecRequest extends GuestRequest {
  /** At least one element. */
  readonly command: readonly string[];
}

/** A guest that runs already. */
export interface EnterRequest {
  /** As `devbox ps` lists it, the beginning of that, or `latest`. */
  readonly guest: string;
  readonly terminal: 'shell' | 'none';
  /** Empty: a login shell. */
  readonly command: readonly string[];
}

export interface ShellRequest extends GuestRequest {
  /** Empty: a login shell. */
  readonly command: readonly string[];
}
