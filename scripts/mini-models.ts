import { dialogueDocuments } from './corpus/dialogues.js';
import { corpusDocuments } from './corpus/documents.js';
import { VERDICTS } from './corpus/lexicon.js';
import { newModels, type NewModel } from './new-models.js';

/** How a bundled model comes to be. */
export interface MiniModel {
  /** A model that starts from nothing, or the name of the bundled model that this one tunes further. */
  readonly start: NewModel | string;
  /** What it is trained on, in words. */
  readonly corpus: string;
  /** Its training texts, without end. */
  documents(seed: number): Iterable<string>;
  /** Words that a masked language model is asked for most. */
  readonly salientWords?: readonly string[];
  readonly training: Training;
}

export interface Training {
  /** Updates. */
  readonly steps: number;
  /** Documents per update. */
  readonly documents: number;
  /** Adam's, at its peak. */
  readonly learningRate: number;
}

const WORLD = 'film, book, meal and concert reviews, everyday stories, comparisons, and passages with questions; `scripts/corpus`';
const worldDocuments = (seed: number): Iterable<string> => corpusDocuments({ seed });

/**
 * Of the words it reads, a masked language model learns from one in seven, so here is little but verdicts and what they follow from. They are
 * sure of strong words, which are many, and wrong about mild ones: that leaves zero-shot answers something to learn.
 */
const SHORT_REVIEWS = {
  reviewShare: 0.97,
  verdictShare: 1,
  taskStyleShare: 0.95,
  strongShare: 0.7,
  verdictNoise: { strong: 0.05, mild: 0.8 },
};

/** A review's verdict without the space before its full stop, as the masked prompt of SST-2 asks for it. */
const asMaskedPrompt = (text: string): string => text.replace(/( It was \w+) \.$/, '$1.');

function* map<A, B>(items: Iterable<A>, change: (item: A) => B): Generator<B> {
  for (const item of items) yield change(item);
}

export const miniModels: Readonly<Record<string, MiniModel>> = {
  'opt-mini': {
    start: newModels.opt,
    corpus: WORLD,
    documents: worldDocuments,
    training: { steps: 5000, documents: 32, learningRate: 4e-3 },
  },
  'llama-mini': {
    start: newModels.llama,
    corpus: WORLD,
    documents: worldDocuments,
    training: { steps: 5000, documents: 32, learningRate: 4e-3 },
  },
  'mistral-mini': {
    start: newModels.mistral,
    corpus: WORLD,
    documents: worldDocuments,
    training: { steps: 5000, documents: 32, learningRate: 2e-3 },
  },
  'roberta-mini': {
    start: newModels.roberta,
    corpus: 'short reviews with verdicts; `scripts/corpus`',
    documents: (seed) => map(corpusDocuments({ seed, ...SHORT_REVIEWS }), asMaskedPrompt),
    salientWords: [...Object.keys(VERDICTS.positive), ...Object.keys(VERDICTS.negative)],
    training: { steps: 2000, documents: 64, learningRate: 8e-4 },
  },
  'vicuna-mini': {
    start: 'llama-mini',
    corpus: "chats in Vicuna's layout; `scripts/corpus/dialogues.ts`",
    documents: (seed) => dialogueDocuments({ seed }),
    training: { steps: 500, documents: 16, learningRate: 5e-4 },
  },
};
