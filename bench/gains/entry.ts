import vm from 'node:vm';

/** What each entry into the sandbox costs, in microseconds of CPU. */
export interface Entry {
  /** As the SDK enters: ended by force after some seconds, for which Node starts a thread each time. */
  readonly guarded: number;
  readonly unguarded: number;
}

const TIMES = 3_000;
const GUARD = 5_000;

/** Measures what the SDK's way into the sandbox costs, with nothing to do there. */
export function costOfEntry(): Entry {
  const context = vm.createContext({}, { microtaskMode: 'afterEvaluate' });
  const script = new vm.Script('0');
  const cost = (options: vm.RunningScriptOptions) => {
    for (let nth = 0; nth < TIMES; nth += 1) script.runInContext(context, options);
    const before = process.cpuUsage();
    for (let nth = 0; nth < TIMES; nth += 1) script.runInContext(context, options);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / TIMES;
  };
  return { guarded: cost({ timeout: GUARD }), unguarded: cost({}) };
}
