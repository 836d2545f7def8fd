import type { Graded } from './lexicon.js';
import { list } from './template.js';

/** A kind of reviewed thing. */
export interface Domain {
  /** Nouns for the thing itself; a review keeps to one. */
  readonly work: readonly string[];
  /** Words for the neutral slots: aspect, aspects (plural), part, maker, met (past tense). */
  readonly words: Readonly<Record<string, readonly string[]>>;
  /** Adjectives that fit only this kind, besides the general ones. */
  readonly adj: Graded;
}

const NARRATIVE: Graded = {
  positive: {
    strong: list('gripping thrilling masterful hilarious inspired'),
    mild: list('clever engaging likable smart funny sweet touching amusing witty entertaining thoughtful sincere moving'),
  },
  negative: {
    strong: list('laughable insulting unbearable idiotic offensive'),
    mild: list('shallow predictable tedious silly slow hollow pointless confusing forced thin'),
  },
};

const CULINARY: Graded = {
  positive: { strong: list('delicious heavenly divine'), mild: list('tasty tender crisp juicy hearty') },
  negative: { strong: list('inedible revolting disgusting'), mild: list('greasy burnt soggy tasteless salty watery') },
};

const MUSICAL: Graded = {
  positive: { strong: list('electrifying spellbinding'), mild: list('soulful graceful energetic elegant') },
  negative: { strong: list('deafening excruciating'), mild: list('noisy shrill sluggish ragged') },
};

export const DOMAINS: readonly Domain[] = [
  {
    work: list('film movie comedy drama thriller western cartoon documentary'),
    words: {
      aspect: list('plot acting script pace ending cast story score dialogue camera direction tone setting beginning'),
      aspects: list('performances jokes characters scenes effects songs costumes'),
      part: list('scene moment minute shot line'),
      maker: list('director actress actor'),
      met: list('saw watched'),
    },
    adj: NARRATIVE,
  },
  {
    work: list('book novel memoir mystery tale romance biography'),
    words: {
      aspect: list('plot prose style pace ending story dialogue opening language narrator hero setting'),
      aspects: list('characters chapters ideas sentences pages pictures'),
      part: list('chapter page line sentence'),
      maker: list('author writer poet'),
      met: list('read finished'),
    },
    adj: NARRATIVE,
  },
  {
    work: list('meal dinner lunch breakfast soup stew pizza cake'),
    words: {
      aspect: list('sauce service flavor dessert crust steak menu wine salad filling'),
      aspects: list('vegetables noodles portions potatoes dishes beans'),
      part: list('bite dish plate spoonful'),
      maker: list('chef cook waiter'),
      met: list('ate ordered'),
    },
    adj: CULINARY,
  },
  {
    work: list('concert show recital opera musical'),
    words: {
      aspect: list('sound voice tempo lighting rhythm stage band orchestra choir encore'),
      aspects: list('songs musicians melodies dancers drums voices'),
      part: list('song note tune minute'),
      maker: list('singer pianist violinist'),
      met: list('heard attended'),
    },
    adj: MUSICAL,
  },
];
