/**
 * Runs code of the embedding program: what it throws is the program's own, and is thrown outside of the
 * broker, where it harms nobody else's connection.
 */
export function runProgram(code: () => unknown): void {
  try {
    code();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
