import { runMemory } from './memory/run.js';

// The program behind `npm run memory`.

process.exitCode = await runMemory(process.argv.slice(2), process);
