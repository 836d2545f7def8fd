#!/usr/bin/env node
import { COMPLETION, endWithOutput } from '../command-line/index.js';
import { all } from './all.js';
import { runGroup } from './command.js';

// The program `zobench`: hands each command what follows its name.

// npm alone finds a program of the project.
const calledAs = process.env.npm_command === undefined ? 'zobench' : 'npx zobench';
const { stdout, stderr } = process;
endWithOutput({ stdout, stderr });
const argv = process.argv.slice(2);
// The completion script gives the program's name too.
if (argv[0] === COMPLETION) argv.splice(1, 1);
process.exitCode = await runGroup(all, argv, { stdout, stderr, calledAs });
