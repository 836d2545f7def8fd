import { DOMAINS, type Domain } from './domains.js';
import { CITIES, DAYTIMES, PEOPLE, PERIODS, WEATHERS } from './everyday-words.js';
import { INTENSIFIERS, opposite, POLAR_WORDS, type PolarClass, type Tone, VERDICTS } from './lexicon.js';
import type { Random } from './random.js';
import { type Form, REVIEW_FRAMES, REVIEW_TEMPLATES } from './review-templates.js';
import { fill } from './template.js';

/** Words for the neutral slots that every domain shares. */
const SHARED_WORDS: Readonly<Record<string, readonly string[]>> = {
  period: PERIODS,
  city: CITIES,
  person: PEOPLE.map(({ name }) => name),
  weather: WEATHERS,
  daytime: DAYTIMES,
};

const FRAME_SHARE = 0.3;
const MAX_WORDS = 20;
const MIN_WORDS = 5;

/** What a review is about: a kind of thing and the noun that this review uses for it. */
export interface Topic {
  readonly domain: Domain;
  readonly work: string;
}

/** Relative frequencies of the three forms of a sentence. */
export type FormShares = Readonly<Record<Form, number>>;

export const FORM_SHARES: FormShares = { plain: 0.8, negated: 0.1, contrast: 0.1 };

export function drawTopic(random: Random): Topic {
  const domain = random.pick(DOMAINS);
  return { domain, work: random.pick(domain.work) };
}

export function drawTone(random: Random, positiveShare: number, strongShare: number): Tone {
  return {
    polarity: random.chance(positiveShare) ? 'positive' : 'negative',
    strength: random.chance(strongShare) ? 'strong' : 'mild',
  };
}

/** One sentence of 5 to 20 words (punctuation counts towards the 20 only) whose polarity is `tone`'s, ending with " .". */
export function reviewSentence(random: Random, tone: Tone, topic: Topic, shares: FormShares = FORM_SHARES): string {
  for (;;) {
    const template = random.pick(REVIEW_TEMPLATES[random.weighted(shares)]);
    const frame = random.chance(FRAME_SHARE) ? `${random.pick(REVIEW_FRAMES)} ` : '';
    const sentence = `${frame}${renderReview(random, template, tone, topic)} .`;
    if (hasAllowedLength(sentence)) return sentence;
  }
}

/** A template of REVIEW_TEMPLATES or REVIEW_OPENERS in words; no drawn word fills two slots. @throws on an unknown slot. */
export function renderReview(random: Random, template: string, tone: Tone, topic: Topic): string {
  const fixed = new Map([
    ['work', topic.work],
    ['be', random.pick(['is', 'was'])],
  ]);
  const used = new Set<string>();
  return fill(template, (slot) => {
    const candidates = slotWords(slot, tone, topic.domain);
    const word = fixed.get(slot) ?? (candidates && random.pick(candidates.filter((candidate) => !used.has(candidate))));
    if (word === undefined) throw new Error(`review template "${template}": unknown slot {${slot}}; see scripts/corpus/reviews.ts`);
    used.add(word);
    return word;
  });
}

/** The closing sentence of a review; `positive` says which list of verdicts. */
export function verdictSentence(random: Random, positive: boolean): string {
  const word = positive ? random.weighted(VERDICTS.positive) : random.weighted(VERDICTS.negative);
  return `It was ${word} .`;
}

function hasAllowedLength(sentence: string): boolean {
  const tokens = sentence.split(' ');
  return tokens.length <= MAX_WORDS && tokens.filter((token) => /\w/.test(token)).length >= MIN_WORDS;
}

function slotWords(slot: string, tone: Tone, domain: Domain): readonly string[] | undefined {
  if (slot === 'very') return INTENSIFIERS[tone.strength];
  const name = slot.replace('~', '');
  if (isPolarClass(name)) return wordsOfTone(name, slot === name ? tone : { ...tone, polarity: opposite(tone.polarity) }, domain);
  return domain.words[slot] ?? SHARED_WORDS[slot];
}

function isPolarClass(name: string): name is PolarClass {
  return name in POLAR_WORDS;
}

function wordsOfTone(name: PolarClass, { polarity, strength }: Tone, domain: Domain): readonly string[] {
  const general = POLAR_WORDS[name][polarity][strength];
  return name === 'adj' ? [...general, ...domain.adj[polarity][strength]] : general;
}
