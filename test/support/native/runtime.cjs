const { writeSync } = require('node:fs');
const { register } = require('node:module');
const { pathToFileURL } = require('node:url');
const path = require('node:path');

const GLOBALS = Symbol.for('onward.jestGlobals');
const ADAPTER_HANDLERS = Symbol.for('EVENT_HANDLERS');
let isRegistered = false;
let files = 0;

/**
 * Loads test files as Node itself loads modules, each module once for a process. Jest's own runtime loads the whole of
 * Temporal's SDK, Fastify and the product again for every test file, in a context of its own, which takes longer than most
 * files' tests. No module of the product has mutable state that a test could see from another.
 */
class NativeRuntime {
  #sourceMaps;

  constructor(config) {
    const mapsFolder = path.join(config.cacheDirectory, 'onward-source-maps');
    this.#sourceMaps = new SourceMaps(mapsFolder);
    if (isRegistered) return;
    isRegistered = true;
    if (process.send !== undefined) endAtOnce();
    const parentURL = pathToFileURL(__filename);
    register('./loader.js', { parentURL, data: { root: pathToFileURL(`${config.rootDir}/`).href, mapsFolder } });
  }

  /** Jest's own modules. Its test framework has state, which starts fresh in each file. */
  requireInternalModule(file) {
    delete require.cache[require.resolve(file)];
    delete globalThis[ADAPTER_HANDLERS];
    return require(file);
  }

  setGlobalsForRuntime(globals) {
    globalThis[GLOBALS] = globals;
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  unstable_importModule(file) {
    files += 1;
    return import(`${pathToFileURL(file).href}?run=${files}`);
  }

  requireModule(file) {
    return require(file);
  }

  getSourceMaps() {
    return this.#sourceMaps;
  }

  getAllCoverageInfoCopy() {
    return undefined;
  }

  enterTestCode() {}
  leaveTestCode() {}
  teardown() {}
}

/** Jest gives its processes half a second to end. */
function endAtOnce() {
  // `import 'node:process'` opens standard input, which keeps a process from its end.
  process.stdin.unref();
  // Otherwise Node frees all memory first, piece by piece.
  process.once('exit', (code) => process.reallyExit(code));
  // Jest reports a process that did not end, but not the reason.
  process.once('SIGTERM', () => {
    writeSync(2, `A process of the tests did not end because of: ${process.getActiveResourcesInfo().join(', ')}\n`);
    process.reallyExit(1);
  });
}

/** Where the loader has written the source map of a file. */
class SourceMaps extends Map {
  #folder;

  constructor(folder) {
    super();
    this.#folder = folder;
  }

  get(file) {
    const isSource = /^file:.*\.ts(\?|$)/.test(file);
    return isSource ? path.join(this.#folder, `${encodeURIComponent(new URL(file).pathname)}.map`) : undefined;
  }
}

module.exports = { default: NativeRuntime, __esModule: true };
