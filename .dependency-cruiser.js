// The order of the folders: `npm run lint` fails on an import against it, a circle (of types alone too), or an import past a folder's index.

/** Each folder with those that it may import from, the data's way from last to first. */
const order = {
  engine: [],
  options: ['engine'],
  'own-code': ['engine'],
  models: ['engine'],
  'models/quantized': ['engine', 'models'],
  tasks: ['engine', 'own-code', 'models'],
  schemes: ['engine', 'own-code', 'models', 'options'],
  optimizers: ['engine', 'own-code', 'options'],
  statistics: ['engine'],
  records: ['engine'],
  'command-line': ['engine', 'options'],
  processes: ['engine'],
  training: ['engine', 'models', 'tasks', 'optimizers', 'statistics', 'records'],
  cell: ['engine', 'own-code', 'models', 'tasks', 'schemes', 'optimizers', 'statistics', 'records', 'processes', 'training'],
  memory: ['engine', 'models', 'tasks', 'schemes', 'optimizers', 'records', 'training', 'cell'],
  reports: ['engine', 'options', 'statistics', 'records'],
  'benchmarks/plan': [
    'engine',
    'own-code',
    'options',
    'models',
    'tasks',
    'schemes',
    'optimizers',
    'records',
    'command-line',
    'processes',
    'training',
    'cell',
    'memory',
  ],
  'benchmarks/run': [
    'engine',
    'own-code',
    'optimizers',
    'records',
    'command-line',
    'processes',
    'training',
    'cell',
    'reports',
    'benchmarks/plan',
  ],
  'benchmarks/tune': ['engine', 'records', 'command-line', 'reports', 'benchmarks/plan', 'benchmarks/run'],
  'benchmarks/compare': ['engine', 'options', 'records', 'command-line', 'reports', 'benchmarks/plan', 'benchmarks/run', 'benchmarks/tune'],
  studies: [
    'engine',
    'own-code',
    'models',
    'tasks',
    'schemes',
    'optimizers',
    'statistics',
    'records',
    'command-line',
    'processes',
    'training',
    'memory',
    'reports',
    'benchmarks/plan',
    'benchmarks/run',
  ],
};

/** The engine's folders in the same way. All of them may use the files at its root. */
const engineOrder = {
  'engine/graph': [],
  'engine/autodiff': ['engine/graph'],
  'engine/sessions': ['engine/graph'],
  'engine/kernels': [],
  'engine/programs': ['engine/graph', 'engine/kernels'],
  'engine/parameters': ['engine/graph', 'engine/kernels', 'engine/sessions', 'engine/programs'],
  'engine/execution': ['engine/graph', 'engine/autodiff', 'engine/kernels', 'engine/parameters', 'engine/sessions'],
  'engine/memory-model': ['engine/graph', 'engine/kernels', 'engine/parameters', 'engine/sessions'],
};

/** Files that load no kernels, so that they are imported as they are: by workers, whose memory is measured, and by the page, which takes of `record` its types alone. */
const alone = [
  'engine/(errors|input-file|make-folder|near-path|project|quantities|text-file|time-limit|visible|write-file|leftovers)',
  'engine/kernels/noise',
  'engine/sessions/backend-names',
  'records/(order|record|trained)',
  'statistics/moments',
];

const folders = (names) => `^(${names.join('|')})/`;

const forbidden = [...Object.entries(order), ...Object.entries(engineOrder)].map(([folder, sources]) => ({
  name: `order of ${folder}`,
  comment: `${folder} may import from ${['itself', ...sources].join(', ')} alone`,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: {
    dependencyTypesNot: ['npm', 'npm-dev', 'npm-optional', 'core'],
    pathNot: [folders([folder, ...sources]), folder.startsWith('engine/') ? '^engine/[^/]+$' : '^$'],
  },
}));

const rooms = [...Object.keys(order).filter((folder) => folder !== 'studies'), 'studies/[^/]+'];

export default {
  forbidden: [
    ...forbidden,
    {
      name: 'no circle',
      comment: 'files that import each other, types included, cannot be read one after the other',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'shipped code',
      comment: 'what a project that installs zobench runs cannot import a development dependency, which is not installed there',
      severity: 'error',
      from: { pathNot: ['^(tests|scripts)/', '^[^/]+$'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'type-only'] },
    },
    ...rooms.map((room) => ({
      name: `index of ${room}`,
      comment: `from outside, ${room} is imported by its index.ts`,
      severity: 'error',
      from: { pathNot: [`^${room}/`, '^tests/'] },
      to: { path: `^${room}/`, pathNot: [`^${room}/index\\.ts$`, ...alone.map((file) => `^${file}\\.ts$`)] },
    })),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/|^engine/kernels/assembly/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node'], extensions: ['.ts', '.js'] },
  },
};
