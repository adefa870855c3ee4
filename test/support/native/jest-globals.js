/** `@jest/globals` of the test file that runs: modules that several files share import it once. */
const current = () => globalThis[Symbol.for('onward.jestGlobals')];
const pass = (name) =>
  new Proxy(function () {}, {
    apply: (_, __, words) => current()[name](...words),
    get: (_, key) => current()[name][key],
  });

export const expect = pass('expect');
export const describe = pass('describe');
export const it = pass('it');
export const test = pass('test');
export const beforeAll = pass('beforeAll');
export const beforeEach = pass('beforeEach');
export const afterAll = pass('afterAll');
export const afterEach = pass('afterEach');
