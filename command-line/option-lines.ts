import type { OptionDescription } from '../options/index.js';

/** What `npm run optimizers` and `npm run schemes` say of options: one line each. */
export function optionLines(options: readonly OptionDescription[]): readonly string[] {
  return options.map(({ name, default: by, description }) => `    ${(by === '' ? name : `${name}=${by}`).padEnd(28)} ${description}`);
}
