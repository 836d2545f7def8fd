/** Stands in a masked language model's prompt for the word that is asked for. */
export const MASK = '<mask>';

/** What is asked of a masked language model: the mask that counts is the one between the two texts, whatever they hold. */
export const askedMasked = (before: string, after: string): MaskedPrompt => ({
  prompt: `${before}${MASK}${after}`,
  maskAt: before.length,
});

export type MaskedPrompt = Required<Pick<Example, 'prompt' | 'maskAt'>>;

/** What a model predicts: the next token, or the one in a mask's place. */
export type ModelKind = 'causal' | 'masked';

/** Whether a prompt asks in words, so that the task is what the model was pre-trained for ("task alignment" in ZO-Bench), or not. */
export type Template = 'aligned' | 'plain';

/** One item: a prompt and the texts that may follow it, or stand for its mask, of which `answer` is the right one. */
export interface Example {
  readonly prompt: string;
  /** Where in the prompt the mask stands that the candidates are for. Without it they follow the prompt. */
  readonly maskAt?: number;
  readonly candidates: readonly string[];
  /** The one that is trained on, where several are right. */
  readonly answer: number;
  /** Other candidates that count as right. */
  readonly alsoRight?: readonly number[];
  /** Where the model is to write the answer itself: every text that counts as right, each by itself. */
  readonly golds?: readonly string[];
  /** Tokens that the papers cut it to, however long the model's context. */
  readonly maxTokens?: number;
  /** File and line, for complaints. */
  readonly place?: string;
}

/** The same for items that ask the same, whatever their answers: no two of them lie in different splits. */
export const identityOf = ({ prompt, maskAt, candidates, golds }: Example): string =>
  JSON.stringify(golds ? prompt : [prompt, maskAt, candidates]);

/** A task's items as they come: `train` is what train and dev sets are sampled from, `test` what the test set is. */
export interface Source {
  readonly train: readonly Example[];
  readonly test: readonly Example[];
  /** What was read, for the record. */
  readonly files: readonly string[];
}

/** How items are to be asked. */
export interface Prompting {
  readonly kind: ModelKind;
  readonly template: Template;
}

export interface Task {
  readonly id: string;
  /** Raised when prompts, candidates or scoring change. */
  readonly version: number;
  /** Share of items whose right candidate scores highest, or mean F1 of the tokens of answers that the model generates. */
  readonly metric: 'accuracy' | 'f1';
  /** What training minimises: the cross-entropy of choosing among the candidates, or that of the right candidate's tokens. */
  readonly training: 'choice' | 'answer';
  /** Dev items where nobody says how many, and not more than a grid asks for. */
  readonly devSize: number;
  /**
   * Reads the files of the data set below a data folder.
   * @throws InputError naming file, line and field, UsageError where the task has no such prompt.
   */
  load(folder: string, prompting: Prompting): Promise<Source>;
}
