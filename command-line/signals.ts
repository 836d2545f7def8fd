const SIGNAL_EXITS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** What Ctrl-C and a request to end mean for what is under way. */
export interface Signals {
  readonly abort: AbortSignal;
  /** Of a signal that has come, however late. */
  exitCode(): Promise<number | undefined>;
}

/** Does something under a watch for signals: the first asks it to stop, a second ends the process at once, and its workers with it. */
export async function underSignals<Result>(act: (signals: Signals) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const stop = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(exitCode);
    exitCode = SIGNAL_EXITS[signal as keyof typeof SIGNAL_EXITS];
    controller.abort();
  };
  const signals = Object.keys(SIGNAL_EXITS) as NodeJS.Signals[];
  for (const signal of signals) process.on(signal, stop);
  try {
    return await act({ abort: controller.signal, exitCode: async () => (await eventsSeen(), exitCode) });
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

/** A signal that came while files were written waits for the event loop: who stops listening before would swallow it. */
const eventsSeen = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
