import base from './jest.config.js';

/** What also runs on a real Temporal server over PostgreSQL: the stories and the outage, unchanged, and what only such a server can show. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/{stories,outage}/**/*.test.ts', '<rootDir>/test/production/**/*.test.ts'],
  globalSetup: '<rootDir>/test/production/global-setup.js',
  globalTeardown: '<rootDir>/test/production/global-teardown.js',
  maxWorkers: 1,
};
