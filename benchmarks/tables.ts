import { runTables } from './tables-run.js';

// The program behind `npm run tables`.

process.exitCode = await runTables(process.argv.slice(2), process);
