export { runTune } from './run.js';
export { bestTrial, equalRates } from './search.js';
export { runSearches, type Search, type SearchRules, type TunedAxes } from './tuning.js';
