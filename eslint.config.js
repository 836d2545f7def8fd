import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The engine's folders, each with those that it may import from: one way, without circles, types included. All may use the two files at its root. */
const engineFolders = {
  graph: [],
  autodiff: ['graph'],
  sessions: ['graph'],
  kernels: [],
  parameters: ['graph', 'kernels', 'sessions'],
  execution: ['graph', 'autodiff', 'kernels', 'parameters', 'sessions'],
  'memory-model': ['graph', 'kernels', 'parameters', 'sessions'],
};

const engineOrder = Object.entries(engineFolders).map(([folder, sources]) => ({
  files: [`engine/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^\\.\\./(?!errors\\.js$|quantities\\.js$${sources.map((source) => `|${source}/`).join('')})`,
            message: `engine/${folder} may import from ${['errors.ts', 'quantities.ts', ...sources].join(', ')} alone.`,
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/', 'results/', 'node_modules/', 'engine/kernels/assembly/', 'reports/html/built/', 'coverage/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  ...engineOrder,
  { files: ['**/*.js', '**/*.cjs'], languageOptions: { globals: { console: 'readonly', process: 'readonly' } } },
);
