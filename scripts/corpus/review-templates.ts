/**
 * How a sentence carries its polarity: by its polar words alone, by denying words of the other polarity, or by a clause that overrules a
 * clause of the other polarity.
 */
export type Form = 'plain' | 'negated' | 'contrast';

/**
 * Sentences without their full stop. `{adj}` and the other polar slots take words of the sentence's own polarity, `{~adj}` of the other
 * one, so each template serves both polarities and its label is never in doubt.
 */
export const REVIEW_TEMPLATES: Readonly<Record<Form, readonly string[]>> = {
  plain: [
    'the {aspect} of this {work} {be} {adj}',
    'the {aspect} {be} {adj} and the {aspect} {be} {adj}',
    'the {aspects} are {adj} and the {work} {verb}',
    "it 's a {adj} and often {adj} {work}",
    "it 's a {adj} {work} from start to finish",
    'a {adj} {work} with a {very} {adj} {aspect}',
    'a {very} {adj} {work} with {adj} {aspects}',
    'this {work} {be} a {very} {adj} {noun}',
    'a {noun} of a {work} , with {adj} {aspects}',
    'the {maker} delivers a {adj} {work}',
    'the {maker} gives us a {very} {adj} {aspect}',
    'i {feeling} every {part} of this {work}',
    'we {feeling} the {aspect} and the {adj} {aspects}',
    'from the first {part} to the last , the {work} {verb}',
    'every {part} of the {work} {be} {adj}',
    'this {adj} {work} {predicate}',
    'with its {adj} {aspects} , the {work} {predicate}',
    'the {aspect} {verb} and the {aspects} are {adj}',
    '{very} {adj} and {adj} , this {work} {predicate}',
    'what a {adj} {work} , with such {adj} {aspects}',
    'you will remember this {work} for its {adj} {aspect}',
    'both the {aspect} and the {aspect} are {very} {adj}',
    'everyone in the room {feeling} this {adj} {work}',
    'the most {adj} {work} of the {period}',
    'thanks to the {maker} , the {aspect} {be} {very} {adj}',
    'the {aspect} {be} so {adj} that the {work} {predicate}',
    'the {work} {be} {adj} , {adj} and {adj}',
  ],
  negated: [
    'the {aspect} of this {work} {be} never {~adj}',
    'there {be} nothing {~adj} about the {aspect} of this {work}',
    'not a single {part} of this {work} {be} {~adj}',
    'not a single {part} of the {work} {~verb}',
    'no one could call the {aspect} of this {work} {~adj}',
    'this {be} hardly a {~adj} {work}',
    'the {aspect} of the {work} {be} anything but {~adj}',
    'this {work} {be} far from {~adj}',
    'you will not find a {~adj} {part} in this {work}',
    'the {aspect} never {~verb} in this {work}',
    'the {aspect} {be} neither {~adj} nor {~adj}',
    'the {aspects} are never {~adj} , and the {work} never {~verb}',
    'this {work} {be} no {~noun} , and the {aspect} {be} not {~adj}',
    'i can not call the {aspect} of this {work} {~adj}',
    'the {maker} never gives us a {~adj} {part}',
    'this {work} with its {aspect} never {~predicate}',
    'nobody in the room {~feeling} the {aspect} of this {work}',
  ],
  contrast: [
    'the {aspect} {be} {~adj} , but the {aspect} {be} {adj}',
    'a {~adj} {aspect} , but the {aspects} are {very} {adj}',
    'the {aspects} are {~adj} at first , but the {work} {verb}',
    'although the {aspect} {be} {~adj} , the {work} {be} {adj}',
    'despite a {~adj} {aspect} , this {be} a {adj} {work}',
    'for all its {~adj} {aspects} , the {work} {verb}',
    'the {work} {verb} , even though the {aspect} {be} {~adj}',
    'this {be} a {adj} {work} in spite of its {~adj} {aspect}',
    'the {aspect} {~verb} , yet the {work} {be} {adj}',
    'some will call it {~adj} , but this {work} {be} {adj}',
    'a {~adj} {aspect} can not hide how {adj} the {work} {be}',
    'i {~feeling} the {aspect} , but the {work} {be} {very} {adj}',
    'the {work} looks {~adj} at first , but it {predicate}',
    'the {aspect} {be} {~adj} , but the {aspect} {be} never {~adj}',
  ],
};

/** Optional beginnings of a review sentence, without polarity. */
export const REVIEW_FRAMES: readonly string[] = [
  'in the end ,',
  'for me ,',
  'to be fair ,',
  'in short ,',
  'all in all ,',
  'to my mind ,',
  'as for me ,',
  'once again ,',
];

/** First sentences of a longer review, without polarity. */
export const REVIEW_OPENERS: readonly string[] = [
  'last {period} i {met} this {work} in {city}',
  '{person} and i {met} the {work} in {city}',
  '{person} told me about this {work} by a young {maker}',
  'we {met} the {work} on a {weather} {daytime}',
  'my friend {person} {met} this {work} last {period}',
  'this {period} the {maker} came to {city} with a new {work}',
];
