export * from './kinds.js';
export { describeOptions, optionSet, parseName, type OptionDescription, type OptionSet } from './named.js';
