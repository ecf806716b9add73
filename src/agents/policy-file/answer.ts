/**
 * For a program that answers with one line of JSON: keeps what others print out of the answer, from now on, and gives what ends
 * the program with its answer.
 */
export function answerOnly(): (answer: unknown) => Promise<never> {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write;
  return async (answer) => {
    // A pipe takes a long line in several pieces.
    await new Promise<void>((resolve) => void write(`${JSON.stringify(answer)}\n`, () => resolve()));
    process.exit(0);
  };
}
