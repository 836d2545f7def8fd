/** An event that can be asked about: a sentence without full stop, and questions with what answers them. Slots as in Scene. */
export interface Fact {
  readonly sentence: string;
  readonly questions: readonly (readonly [question: string, answer: string])[];
}

/** But for people, no two of them speak of the same kind of thing, and no two answer the same question. */
export const FACTS: readonly Fact[] = [
  {
    sentence: '{A} bought a {color} {object} in {city}',
    questions: [
      ['who bought the {object} ?', '{A}'],
      ['what did {A} buy ?', 'a {color} {object}'],
      ['what color was the {object} ?', '{color}'],
      ['where did {A} buy the {object} ?', 'in {city}'],
    ],
  },
  {
    sentence: '{A} gave {number} coins to {B}',
    questions: [
      ['who gave the coins away ?', '{A}'],
      ['who got the coins ?', '{B}'],
      ['to whom did {A} give the coins ?', 'to {B}'],
      ['how many coins did {B} get ?', '{number} coins'],
    ],
  },
  {
    sentence: 'the {animal} was fed by {A} near the {place}',
    questions: [
      ['who fed the {animal} ?', '{A}'],
      ['by whom was the {animal} fed ?', 'by {A}'],
      ['what did {A} feed ?', 'the {animal}'],
      ['where was the {animal} fed ?', 'near the {place}'],
    ],
  },
  {
    sentence: '{A} works as a {job} for {B}',
    questions: [
      ['who works as a {job} ?', '{A}'],
      ['who pays the {job} ?', '{B}'],
      ['for whom does {A} work ?', 'for {B}'],
      ['what does {A} work as ?', 'as a {job}'],
    ],
  },
  {
    sentence: '{A} hid the {container} under the {large} on a {weather} {daytime}',
    questions: [
      ['who hid the {container} ?', '{A}'],
      ['what did {A} hide ?', 'the {container}'],
      ['where is the {container} ?', 'under the {large}'],
      ['when did {A} hide the {container} ?', 'on a {weather} {daytime}'],
    ],
  },
];
