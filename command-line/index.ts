export { COMPLETION, kindOf, type CommandLine } from './command-line.js';
export { endWithOutput } from './lost-output.js';
export { optionLines } from './option-lines.js';
export { count, flag, names, oneOf, positive, positiveFloat, text, wholeNumber, withAll } from './option-values.js';
export { complaintOf, orComplain, runProgram, type Output, type Reply } from './program.js';
export { commandAgain, shellQuoted } from './shell.js';
export { underSignals, type Signals } from './signals.js';
