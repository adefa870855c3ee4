import { DefaultLogger, Runtime } from '@temporalio/worker';
import { sections } from './sections.ts';
import { serveRequests, argument, sendToParent } from './harness/serve-requests.ts';
import { Budget } from './harness/budget.ts';

/** Measures one section in a separate process, so that a section that hangs can be killed together with its children. */

const { name, quick, seconds } = argument as {
  readonly name: string;
  readonly quick: boolean;
  readonly seconds: number;
};
const { measure } = sections.find((section) => section.name === name) ?? raise();

Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });

serveRequests(
  {
    measure: async () => {
      const budget = new Budget(seconds);
      const say = (line: string) => void process.stderr.write(`${line}\n`);
      return { figures: await measure({ quick, say, budget, saveFigures: sendToParent }), cut: budget.cut };
    },
  },
  () => {},
);

function raise(): never {
  throw new Error(`unknown section ${name}`);
}
