import { createOutput } from '../output.ts';

/** Prints to standard output and waits until it is taken; a reader that has gone is no error. */
export async function print(text: string): Promise<void> {
  const stdout = createOutput(process.stdout);
  await stdout.write(text);
  await stdout.flush();
}

export async function printJson(value: unknown): Promise<void> {
  await print(`${JSON.stringify(value, null, 2)}\n`);
}
