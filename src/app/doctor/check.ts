/** One line of `devbox doctor`. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly status: 'ok' | 'warning' | 'missing';
  /** What was found. */
  readonly detail: string;
  /** Whether runs work at all without it. */
  readonly required: boolean;
  /** The exact command that mends it, or what to do where no command can. Present unless the status is ok. */
  readonly fix?: string;
}

export interface CheckContext {
  readonly signal: AbortSignal;
  /** Effective user id. */
  readonly uid: number;
  readonly username: string;
  /** How to install what setup knows: `sudo apt-get install …`. */
  readonly installCommand: (requirementIds: readonly string[]) => string;
}

export function ok(id: string, title: string, detail: string, required = true): Check {
  return { id, title, status: 'ok', detail, required };
}

/** Something required that is not there. */
export function missing(id: string, title: string, detail: string, fix: string): Check {
  return { id, title, status: 'missing', detail, required: true, fix };
}

/** Runs work, but not as well as they could. */
export function warning(id: string, title: string, detail: string, fix: string): Check {
  return { id, title, status: 'warning', detail, required: false, fix };
}
