/** An agent found that its kernel no longer runs timers. */
export const TIMERS_LOST = 'timers-lost';

/** What an agent reported of its failure. */
export interface AgentError {
  readonly code: string;
  readonly message: string;
  readonly evidence: readonly string[];
  readonly hint?: string;
}
