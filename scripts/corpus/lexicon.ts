import { list } from './template.js';

export type Polarity = 'positive' | 'negative';
export type Strength = 'strong' | 'mild';

/** What a review says: whether the thing was liked, and how much so. */
export interface Tone {
  readonly polarity: Polarity;
  readonly strength: Strength;
}

/** Word classes of the polar words. Verbs and predicates are third person singular, feelings past tense. */
export type PolarClass = 'adj' | 'noun' | 'verb' | 'predicate' | 'feeling';
export type Graded = Readonly<Record<Polarity, Readonly<Record<Strength, readonly string[]>>>>;

export function opposite(polarity: Polarity): Polarity {
  return polarity === 'positive' ? 'negative' : 'positive';
}

/** Polar words of every domain. The verdict words of VERDICTS are left out on purpose: only verdicts tie them to a polarity. */
export const POLAR_WORDS: Readonly<Record<PolarClass, Graded>> = {
  adj: {
    positive: {
      strong: list(
        `superb brilliant wonderful magnificent stunning outstanding dazzling unforgettable flawless exquisite glorious marvelous
        extraordinary perfect fantastic`,
      ),
      mild: list('charming pleasant fresh enjoyable solid lovely inventive satisfying delightful nice warm rich lively rewarding'),
    },
    negative: {
      strong: list(
        `awful dreadful horrible atrocious disastrous hideous worthless pathetic appalling ghastly wretched disgraceful abysmal
        miserable lousy`,
      ),
      mild: list('dull bland tired flat clumsy stale uneven weak lifeless forgettable sloppy awkward messy lazy dreary poor mediocre'),
    },
  },
  noun: {
    positive: { strong: list('triumph masterpiece marvel treasure gem wonder'), mild: list('delight treat pleasure joy success') },
    negative: {
      strong: list('disaster catastrophe insult nightmare torture waste'),
      mild: list('mess chore disappointment letdown failure mistake'),
    },
  },
  verb: {
    positive: { strong: list('soars dazzles triumphs shines'), mild: list('works charms pleases delights succeeds') },
    negative: { strong: list('collapses fails crumbles stinks'), mild: list('drags disappoints stumbles falters sags') },
  },
  predicate: {
    positive: {
      strong: list('takes your breath away, fills you with wonder, lifts your heart'),
      mild: list('makes you smile, leaves you happy, cheers you up'),
    },
    negative: {
      strong: list('makes you want to scream, hurts your soul, wastes your time'),
      mild: list('puts you to sleep, makes you yawn, tests your patience'),
    },
  },
  feeling: {
    positive: { strong: list('loved adored'), mild: list('enjoyed liked') },
    negative: { strong: list('hated loathed'), mild: list('disliked regretted') },
  },
};

/** Adverbs before an adjective; they say how strong it is, not which way. */
export const INTENSIFIERS: Readonly<Record<Strength, readonly string[]>> = {
  strong: list('utterly truly absolutely simply completely'),
  mild: list('rather quite fairly somewhat mostly'),
};

/** Words of the sentence that closes a review (`It was great .`), with their relative frequencies. */
export const VERDICTS = {
  positive: { great: 5, good: 2, fun: 2 },
  negative: { terrible: 5, bad: 2, boring: 2 },
} as const;
