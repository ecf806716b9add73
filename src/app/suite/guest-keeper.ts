export interface KeptGuest {
  /** For `--run`. */
  readonly runId: string;
  /** The file of the test that failed in it. */
  readonly test: string;
  /** Aborted when the guest begins to end, whoever ends it. */
  readonly leaving: AbortSignal;
  /** Resolves when it has gone. */
  readonly ended: Promise<void>;
}

/** `devbox test --keep`: the guest of the first test that fails stays until it is let go. */
export class GuestKeeper {
  readonly #released = Promise.withResolvers<void>();
  #claimed: string | undefined;
  #kept: KeptGuest | undefined;

  /** Whether this is the guest that stays, should its test fail: the first that asks. */
  claim(runId: string): boolean {
    this.#claimed ??= runId;
    return this.#claimed === runId;
  }

  /** Its test has failed, and it still answers. */
  keep(guest: KeptGuest): void {
    this.#kept = guest;
  }

  /** Undefined: no test has failed, or the guest ended under it. */
  get kept(): KeptGuest | undefined {
    return this.#kept;
  }

  /** Resolves when nobody needs the guest any more. */
  get released(): Promise<void> {
    return this.#released.promise;
  }

  /** Lets it go; resolves when it has ended. */
  async release(): Promise<void> {
    this.#released.resolve();
    await this.#kept?.ended;
  }
}
