/** Something that nobody expected: a mistake of devbox, and no `Failure`. Its cause is what was thrown. */
export class Bug extends Error {
  /** The file that keeps the details, in the record of the run. */
  readonly crashLog: string;

  constructor(cause: unknown, crashLog: string) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'Bug';
    this.crashLog = crashLog;
  }
}
