/** What `devbox sim` is told. */
export interface SimulationRequest {
  /** One of ours by its name, or a file, absolute. */
  readonly policy:
    | { readonly kind: 'named'; readonly name: string }
    | { readonly kind: 'path'; readonly path: string };
  /** Flags of the policy, as typed. */
  readonly args: readonly string[];
  readonly smp: string;
  /** Undefined: the first that there is. */
  readonly workload?: string;
  readonly seed: number;
  readonly duration: string;
  readonly agentLatency?: string;
}

/** What the program that simulates answers. */
export interface SimulationAnswer {
  readonly result?: unknown;
  readonly failure?: {
    readonly kind: 'usage' | 'agent' | 'infrastructure';
    readonly code: string;
    readonly message: string;
    readonly evidence: readonly string[];
    readonly hint?: string;
  };
}
