export { AskedProcess, measuredBy } from './asked-process.js';
export { answerEach } from './asked-worker.js';
export { parentChannel } from './line-channel.js';
export { MEASURED_NODE_OPTIONS } from './node-options.js';
export { currentBytes, peakBytes, resetPeak } from './peak-memory.js';
export { deathOf, exitOf, tailOf } from './process-end.js';
export { startTree, type ProcessTree } from './process-tree.js';
