const { AsyncLocalStorage } = require('node:async_hooks');
const { format } = require('node:util');

const exit = process.exit.bind(process);

/**
 * The storages in use. Each client of the SDK has its own, and Node 20 copies every storage in use to each new promise, so that
 * those of the files before would slow down all later files.
 */
const storages = new Set();
for (const method of ['run', 'enterWith']) {
  const original = AsyncLocalStorage.prototype[method];
  AsyncLocalStorage.prototype[method] = function (...args) {
    storages.add(this);
    return original.apply(this, args);
  };
}

/** The realm of Node itself: values of Node and of its packages are of the same classes as the tests'. */
module.exports = class NativeEnvironment {
  global = globalThis;
  fakeTimers = null;
  fakeTimersModern = null;
  moduleMocker = null;
  /** What the SDK has logged, see `sdk-log.ts`, and what libraries have warned of. */
  #logged = (globalThis[Symbol.for('onward.sdkLog')] ??= []);
  #isFailed = false;

  getVmContext() {
    return null;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  async setup() {
    this.#logged.length = 0;
    // Jest gives each file a console of its own.
    for (const level of ['info', 'warn']) console[level] = (...words) => void this.#logged.push(format(...words));
  }

  async handleTestEvent({ name }) {
    if (name === 'test_fn_failure' || name === 'hook_failure') this.#isFailed = true;
  }

  async teardown() {
    if (this.#isFailed) process.stderr.write(this.#logged.map((line) => `${line}\n`).join(''));
    process.exit = exit;
    // One that is still used enables itself again.
    for (const storage of storages) storage.disable();
    storages.clear();
  }
};
