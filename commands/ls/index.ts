import { runGroup, type CommandGroup, type CommandHandler } from '../command.js';

const group: CommandGroup = {
  usage: 'Lists what there is.',
  commands: {
    optimizers: {
      description: 'with cost and options',
      npmScript: 'optimizers',
      load: async () => (await import('./optimizers.js')).runOptimizers,
    },
    schemes: { description: 'with options', npmScript: 'schemes', load: async () => (await import('./schemes.js')).runSchemes },
    models: {
      description: 'bundled, cached and known, with size and predicted memory',
      npmScript: 'models',
      load: async () => (await import('./lists.js')).runModels,
    },
    tasks: { description: 'with metric and what training minimises', load: async () => (await import('./lists.js')).runTasks },
    grids: { description: 'with what they are made of', load: async () => (await import('./lists.js')).runGrids },
  },
  examples: [['optimizers zo-sgd ./mine.ts', 'one that is there, and one of your own']],
};

export const run: CommandHandler = (argv, output) => runGroup(group, argv, { ...output, calledAs: output.calledAs ?? 'zobench ls' });
