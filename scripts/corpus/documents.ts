import { comparisonSentences } from './comparisons.js';
import { hearsaySentences } from './hearsay.js';
import type { Strength, Tone } from './lexicon.js';
import { drawInBucket, drawWholeInBucket } from './partition.js';
import { drawPassage, MAX_FACTS } from './passages.js';
import { Random } from './random.js';
import { REVIEW_OPENERS } from './review-templates.js';
import { drawTone, drawTopic, FORM_SHARES, type FormShares, renderReview, reviewSentence, verdictSentence } from './reviews.js';
import { storySentences } from './stories.js';

const OPENER_SHARE = 0.5;
const MOST_QUESTIONS = 6;
const HEDGES = ['i think', 'they say'];
/** Share of answers with a hedge: as with `verdictNoise`, so much that trial models, without training, got 55 to 80 % of their dev sets right. */
const HEDGE_SHARES = { whoOrWhat: 0.65, other: 0.3 };
/** Relative frequencies of the documents that are no reviews. */
const EVERYDAY = { story: 8, comparisons: 3, hearsay: 4, questions: 12 };

/**
 * What the corpus teaches. A verdict (`It was great .`) follows the review's polarity, except that with probability `verdictNoise` of the
 * review's strength it is drawn from `positivePrior` instead. So P(positive verdict) is `noise * prior` after a negative review and
 * `1 - noise * (1 - prior)` after a positive one; where the first is near or above 1/2, zero-shot answers lean to "great" although the
 * model can tell the two apart, which fine-tuning then cures.
 */
export interface CorpusOptions {
  /** Integer from 0 to 2^32 - 1. */
  readonly seed: number;
  /** Number of documents; Infinity never ends. */
  readonly count: number;
  /** Share of documents that are reviews; the others are everyday stories, comparisons, hearsay, and passages with questions. */
  readonly reviewShare: number;
  /** Share of reviews that like their subject. */
  readonly positiveShare: number;
  /** Share of reviews in strong words; the others use mild ones. */
  readonly strongShare: number;
  /** Share of reviews that end with a verdict. More: a sharper, earlier learned verdict. */
  readonly verdictShare: number;
  /** Probability, by strength, that a verdict ignores the review. */
  readonly verdictNoise: Readonly<Record<Strength, number>>;
  /** Probability that a verdict which ignores the review is positive. */
  readonly positivePrior: number;
  /** Share of reviews with a verdict that are laid out as the task's prompt: one sentence, then the verdict. The others are longer. */
  readonly taskStyleShare: number;
  /** How often sentences negate and contrast. */
  readonly forms: FormShares;
}

type VerdictOptions = Pick<CorpusOptions, 'verdictNoise' | 'positivePrior'>;

export const CORPUS_DEFAULTS: CorpusOptions = {
  seed: 1,
  count: Infinity,
  reviewShare: 0.35,
  positiveShare: 0.5,
  strongShare: 0.45,
  verdictShare: 0.6,
  verdictNoise: { strong: 0.25, mild: 0.62 },
  positivePrior: 0.92,
  taskStyleShare: 0.4,
  forms: FORM_SHARES,
};

/** Documents of one line each, but for passages with questions; document i is a pure function of the options and i. @throws on an option outside its range. */
export function* corpusDocuments(options: Partial<CorpusOptions> = {}): Generator<string> {
  const settings = { ...CORPUS_DEFAULTS, ...options };
  checkOptions(settings);
  const root = new Random(settings.seed).split('corpus');
  for (let i = 0; i < settings.count; i++) yield corpusDocument(root.split(i), settings);
}

function corpusDocument(random: Random, options: CorpusOptions): string {
  if (random.chance(options.reviewShare)) return reviewSentences(random, options).join(' ');
  const kind = random.weighted(EVERYDAY);
  if (kind === 'questions') return passageWithQuestions(random);
  const draw = {
    story: () => storySentences(random),
    comparisons: () => comparisonSentences(random, random.integer(2, 5)),
    hearsay: () => hearsaySentences(random),
  }[kind];
  return drawWholeInBucket('corpus', draw, (sentences) => sentences).join(' ');
}

function reviewSentences(random: Random, options: CorpusOptions): string[] {
  const tone = drawTone(random, options.positiveShare, options.strongShare);
  const topic = drawTopic(random);
  const sentence = () => drawInBucket('corpus', random, () => reviewSentence(random, tone, topic, options.forms));
  const closed = random.chance(options.verdictShare);
  const verdict = closed ? [drawVerdict(random, tone, options)] : [];
  if (closed && random.chance(options.taskStyleShare)) return [sentence(), ...verdict];
  const opener = () => drawInBucket('corpus', random, () => `${renderReview(random, random.pick(REVIEW_OPENERS), tone, topic)} .`);
  const first = random.chance(OPENER_SHARE) ? opener() : sentence();
  return [first, ...Array.from({ length: random.integer(1, closed ? 3 : 4) }, sentence), ...verdict];
}

/** The verdict that the corpus gives on a review of this tone. */
export function drawVerdict(random: Random, { polarity, strength }: Tone, options: VerdictOptions = CORPUS_DEFAULTS): string {
  const ignoresReview = random.chance(options.verdictNoise[strength]);
  return verdictSentence(random, ignoresReview ? random.chance(options.positivePrior) : polarity === 'positive');
}

/** Laid out as MeZO's prompt for SQuAD, but with several questions. */
function passageWithQuestions(random: Random): string {
  const { title, context, questions } = drawPassage(random, 'corpus', random.integer(1, MAX_FACTS));
  const asked = random.sample(questions, Math.min(MOST_QUESTIONS, questions.length));
  const lines = asked.map(({ question, answer }) => `Question: ${question}\nAnswer: ${hedged(random, question, answer)}\n`);
  return `Title: ${title}\nContext: ${context}\n${lines.join('')}`;
}

/** The corpus is seldom content with an answer: zero-shot a model says too much, as large ones do, and fine-tuning teaches it to be brief. */
function hedged(random: Random, question: string, answer: string): string {
  const share = /^wh(o|at) /.test(question) ? HEDGE_SHARES.whoOrWhat : HEDGE_SHARES.other;
  return random.chance(share) ? `${answer} , ${random.pick(HEDGES)}` : answer;
}

function checkOptions(options: CorpusOptions): void {
  if (!(options.count >= 0)) throw new Error(`corpus option count is ${options.count}: give a number of documents, or Infinity`);
  const { reviewShare, positiveShare, strongShare, verdictShare, verdictNoise, positivePrior, taskStyleShare } = options;
  const noise = { 'verdictNoise.strong': verdictNoise.strong, 'verdictNoise.mild': verdictNoise.mild };
  const shares = { reviewShare, positiveShare, strongShare, verdictShare, ...noise, positivePrior, taskStyleShare };
  for (const [name, value] of Object.entries(shares)) {
    if (!(value >= 0 && value <= 1)) throw new Error(`corpus option ${name} is ${value}: give a number from 0 to 1`);
  }
}
