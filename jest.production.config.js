import base from './jest.config.js';

/** The tests that also run on a real Temporal server over PostgreSQL: the stories, the erasure and the outage, unchanged, and the tests of that server itself. */
export default {
  ...base,
  testMatch: [
    '<rootDir>/test/end-to-end/**/*.test.ts',
    '<rootDir>/test/system/{outage,production-server}/**/*.test.ts',
    '<rootDir>/test/client/gateway/erase.test.ts',
  ],
  // It starts a development server, with a limit of its own.
  testPathIgnorePatterns: ['/node_modules/', '/test/end-to-end/long-history.test.ts$'],
  globalSetup: '<rootDir>/test/system/production-server/global-setup.js',
  globalTeardown: '<rootDir>/test/system/production-server/global-teardown.js',
  maxWorkers: 1,
};
