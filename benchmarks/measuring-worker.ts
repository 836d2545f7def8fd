// The other end of measuring-process.ts; imports nothing, for the memory of what does the work is measured.

/** Does the work for the first message, answers with its result or error, and ends the process. */
export function answerOnce(measure: (run: never) => Promise<object>): void {
  process.once('message', (run) => {
    void measure(run as never)
      .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }))
      .then((result) => process.send?.(result, () => process.exit(0)));
  });
}
