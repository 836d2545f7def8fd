import { list } from './template.js';

/** A person of the micro-world, with the pronouns that refer to them. */
export interface Person {
  readonly name: string;
  readonly he: 'he' | 'she';
  readonly him: 'him' | 'her';
  readonly his: 'his' | 'her';
}

const WOMEN = list('anna maria clara emma julia laura nina rosa sara tina vera alice helen ruth lucy grace');
const MEN = list('tom peter paul david martin oscar leo max felix hugo ivan jack karl ben adam simon');

export const PEOPLE: readonly Person[] = [
  ...WOMEN.map((name): Person => ({ name, he: 'she', him: 'her', his: 'her' })),
  ...MEN.map((name): Person => ({ name, he: 'he', him: 'him', his: 'his' })),
];

export const CITIES = list('paris london rome berlin madrid vienna boston chicago oslo lisbon dublin prague');
export const PERIODS = list('week month year spring summer autumn winter season');
export const WEATHERS = list('rainy sunny windy cloudy snowy foggy stormy');
export const DAYTIMES = list('morning afternoon evening night');
export const PLACES = list('park garden kitchen school library station market beach forest hospital museum office bakery farm harbor');
export const JOBS = list('teacher doctor farmer nurse baker driver student painter gardener lawyer sailor carpenter');
export const COLORS = list('red blue green yellow black white brown purple orange');
export const OBJECTS = list('ball key hat coin ring pen toy cup knife map watch lamp umbrella letter candle brush ticket doll');
export const LARGE_OBJECTS = list('guitar trophy painting chair drum kite pillow helmet');
export const CONTAINERS = list('box bag drawer basket suitcase bucket pocket cupboard jar');
export const ANIMALS = list('dog cat horse bird rabbit duck goat mouse');
export const NUMBERS = list('two three four five six seven eight nine ten');
