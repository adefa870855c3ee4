/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
  // What hangs fails; a busy machine alone fails nothing.
  testTimeout: 180_000,
  // Programs that were fetched have package.json files of their own.
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  maxWorkers: 4,
};
