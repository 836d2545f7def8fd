import { parentChannel } from './line-channel.js';

// The other end of asked-process.ts; imports little, for the memory of what does the work is measured.

/** Answers each question with its result or the error's message. */
export function answerEach(answerTo: (question: never) => Promise<unknown>): void {
  const parent = parentChannel();
  parent.onMessage = (question) => {
    void Promise.resolve(question as never)
      .then(answerTo)
      .then(
        (answer) => parent.send({ answer }),
        (error: unknown) => parent.send({ error: error instanceof Error ? error.message : String(error) }),
      );
  };
}
