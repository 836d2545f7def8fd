export * from './kinds.js';
export { dashed, describeOptions, optionSet, parseName, type OptionDescription, type OptionSet } from './named.js';
