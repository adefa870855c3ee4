import base from './jest.config.js';
import { unitTests } from './test/support/unit-tests.js';

/** Tests that start no server, no browser and no other process. */
export default { ...base, testMatch: unitTests(), globalSetup: null, globalTeardown: null, maxWorkers: 2 };
