/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  // Each module is loaded once for a process, by Node itself.
  runtime: '<rootDir>/test/support/native/runtime.cjs',
  testEnvironment: '<rootDir>/test/support/native/environment.cjs',
  transform: {},
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
  // A test that hangs fails; a busy machine does not make a test fail.
  testTimeout: 300_000,
  // Programs that were fetched have package.json files of their own.
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  maxWorkers: 3,
};
