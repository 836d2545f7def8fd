import type { CommandGroup } from './command.js';

/** All commands of `zobench`. */
export const all: CommandGroup = {
  usage: 'Benchmarks zeroth-order optimisation in language-model fine-tuning.',
  commands: {
    run: { description: 'run a grid of fine-tuning cells', npmScript: 'bench', load: async () => (await import('./run.js')).run },
    plan: { description: 'list the cells of a grid with estimated time and memory', load: async () => (await import('./plan.js')).run },
    compare: { description: 'compare optimizers pair by pair', npmScript: 'compare', load: async () => (await import('./compare.js')).run },
    tune: { description: 'search learning rates on dev', npmScript: 'tune', load: async () => (await import('./tune.js')).run },
    tables: {
      description: "fill the papers' tables from run folders",
      npmScript: 'tables',
      load: async () => (await import('./tables.js')).run,
    },
    report: { description: 'write the reports of run folders again', load: async () => (await import('./report.js')).run },
    export: {
      description: 'write results as JSON lines, Parquet or TensorBoard event files',
      load: async () => (await import('./export.js')).run,
    },
    replay: {
      description: 'make trained parameters again from a seed log',
      npmScript: 'replay',
      load: async () => (await import('./replay.js')).run,
    },
    diagnose: {
      description: "measure cosine, bias and variance of an optimizer's step",
      npmScript: 'diagnose',
      load: async () => (await import('./diagnose.js')).run,
    },
    memory: { description: 'predict or measure peak memory', npmScript: 'memory', load: async () => (await import('./memory.js')).run },
    speed: { description: 'time single steps', npmScript: 'bench:step', load: async () => (await import('./speed.js')).run },
    quantize: { description: 'write a model with 2, 4 or 8 bits a weight', load: async () => (await import('./quantize.js')).run },
    ls: { description: 'list optimizers, schemes, models, tasks or grids', load: async () => (await import('./ls/index.js')).run },
    doctor: { description: 'check that zobench can work on this machine', load: async () => (await import('./doctor.js')).run },
    completion: { description: 'print the completion script of bash or zsh', load: async () => (await import('./completion.js')).run },
  },
  examples: [
    ['run --grid smoke', 'try everything, in about a minute'],
    ['plan --grid quick --jobs 2', 'what the quick grid would cost'],
    ['ls optimizers', 'what can be run, with its options'],
  ],
};
