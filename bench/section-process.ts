import { DefaultLogger, Runtime } from '@temporalio/worker';
import { sections } from './sections.ts';
import { answering, given, tell } from './stand/answering.ts';
import { Budget } from './stand/budget.ts';

/** Measures one section: in a process of its own, so that one that hangs can be ended with all that it has started. */

const { name, quick, seconds } = given as { readonly name: string; readonly quick: boolean; readonly seconds: number };
const { measure } = sections.find((section) => section.name === name) ?? raise();

Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });

answering(
  {
    measure: async () => {
      const budget = new Budget(seconds);
      const say = (line: string) => void process.stderr.write(`${line}\n`);
      return { figures: await measure({ quick, say, budget, keep: tell }), cut: budget.cut };
    },
  },
  () => {},
);

function raise(): never {
  throw new Error(`no section ${name}`);
}
