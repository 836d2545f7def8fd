/** One item: a prompt and the texts that may follow it, of which `answer` is the right one. */
export interface Example {
  readonly prompt: string;
  readonly candidates: readonly string[];
  readonly answer: number;
}

/** A task's items as they come: `train` is what train and dev sets are sampled from, `test` what the test set is. */
export interface Source {
  readonly train: readonly Example[];
  readonly test: readonly Example[];
  /** What was read, for the record. */
  readonly files: readonly string[];
}

export interface Task {
  readonly id: string;
  /** Raised when prompts, candidates or scoring change. */
  readonly version: number;
  /** Reads the original files below a data folder. Throws InputError naming file and line. */
  load(folder: string): Source;
}
