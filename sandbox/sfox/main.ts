import { parseArgs } from 'node:util';
import { startSfox } from './index.ts';

/** Runs the simulator until SIGTERM or SIGINT. Options: `--port`, `--seed`, `--code-digits`, `--state-file`; the key is in ENTERPRISE_API_KEY. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      seed: { type: 'string' },
      'code-digits': { type: 'string', default: '6' },
      'state-file': { type: 'string' },
    },
  });
  const apiKey = process.env['ENTERPRISE_API_KEY'];
  const sfox = await startSfox({
    port: Number(values.port),
    codeDigits: Number(values['code-digits']),
    ...(values.seed !== undefined && { seed: Number(values.seed) }),
    ...(values['state-file'] !== undefined && { stateFile: values['state-file'] }),
    ...(apiKey !== undefined && apiKey !== '' && { apiKey }),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void sfox.close());
  process.stdout.write(`the simulator is listening at ${sfox.url}\n`);
}

await main();
