import { InputError, UnfitError } from '../engine/index.js';
import type { Example, MaskedPrompt, Prompting, Source, Task, Template } from './task.js';

/** What a file holds, and where it stands there. */
export interface Located<Item> {
  readonly item: Item;
  /** File and line. */
  readonly place: string;
}

/** The items of a data set: `train` is what train and dev sets are sampled from. */
export interface Items<Item> {
  readonly train: readonly Located<Item>[];
  readonly test: readonly Located<Item>[];
  readonly files: readonly string[];
}

type Asked = Pick<Example, 'prompt' | 'maskAt' | 'candidates' | 'answer' | 'alsoRight' | 'golds'>;

/** Puts an item into words; what a kind of model needs besides is `Extra`. */
export type Prompt<Item, Extra = unknown> = (item: Item) => Asked & Extra;

/** The prompts of one kind of model; not every task is asked in both ways. */
export type Prompts<Item, Extra = unknown> = Partial<Record<Template, Prompt<Item, Extra>>>;

/** Whether an item is asked with a mask is the template's and the model's matter, never its text's. */
type PromptsByKind<Item> = Readonly<{ causal?: Prompts<Item>; masked?: Prompts<Item, MaskedPrompt> }>;

export interface TaskDefinition<Item> extends Omit<Task, 'load' | 'devSize'> {
  /** Default: MeZO's 500. */
  readonly devSize?: number;
  /** Tokens of an item for a masked language model. Default: 128, MeZO's for tasks of one sentence. */
  readonly maskedTokens?: number;
  readonly read: (folder: string) => Promise<Items<Item>>;
  readonly prompts: PromptsByKind<Item>;
}

const MEZO_DEV_SIZE = 500;
const MEZO_MASKED_TOKENS = 128;
/** MeZO's limit for RoBERTa on tasks of two sentences (LM-BFF's; theirs on the first sentence alone are left out). */
export const PAIR_TOKENS = 256;

/** A task from where its items are and how they are asked. */
export function defineTask<Item>(definition: TaskDefinition<Item>): Task {
  const { read, prompts, devSize = MEZO_DEV_SIZE, maskedTokens = MEZO_MASKED_TOKENS, ...rest } = definition;
  return {
    ...rest,
    devSize,
    async load(folder, prompting): Promise<Source> {
      const prompt: Prompt<Item> | undefined = prompts[prompting.kind]?.[prompting.template];
      if (!prompt) throw noSuchPrompt(rest.id, prompts, prompting);
      const { train, test, files } = await read(folder);
      // For a masked language model the candidates do not follow the prompt.
      const finish = (asked: Asked) => (prompting.kind === 'causal' ? stripped(asked) : { ...asked, maxTokens: maskedTokens });
      const ask = ({ item, place }: Located<Item>): Example => checked({ ...finish(prompt(item)), place });
      return { train: train.map(ask), test: test.map(ask), files };
    },
  };
}

function noSuchPrompt(id: string, prompts: TaskDefinition<never>['prompts'], { kind, template }: Prompting): UnfitError {
  const there = Object.entries(prompts).map(([of, some]) => `${Object.keys(some).join(' and ')} for ${of} language models`);
  return new UnfitError(`task ${id} has no ${template} prompt for ${kind} language models (there are: ${there.join(', ')})`);
}

/** Without spaces at either end, as MeZO has it: a space between the two belongs to the candidate's first token. */
function stripped(asked: Asked): Asked {
  const prompt = strip(asked.prompt);
  return { ...asked, prompt, candidates: asked.candidates.map((candidate) => strip(asked.prompt + candidate).slice(prompt.length)) };
}

/** Of spaces alone. A pattern would try every space of a long text. */
function strip(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && text[start] === ' ') start++;
  while (end > start && text[end - 1] === ' ') end--;
  return text.slice(start, end);
}

function checked(example: Example): Example {
  const empty = example.candidates.findIndex((candidate) => candidate.trim() === '');
  if (empty >= 0) throw new InputError(`${example.place ?? ''}: candidate ${empty + 1} is empty`);
  return example;
}
