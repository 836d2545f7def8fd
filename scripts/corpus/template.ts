const SLOT = /\{([~\w]+)\}/g;

/** Fills every `{slot}` of a template, left to right, and turns "a" into "an" before a vowel. */
export function fill(template: string, word: (slot: string) => string): string {
  return template.replaceAll(SLOT, (_, slot: string) => word(slot)).replaceAll(/\b(a) (?=[aeiou])/g, '$1n ');
}

/** Splits a list written as one text: at commas where there are any, at spaces otherwise. */
export function list(text: string): readonly string[] {
  return text.split(text.includes(',') ? /\s*,\s*/ : /\s+/).filter((item) => item !== '');
}
