import { readFileSync } from 'node:fs';
import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createDataConverter } from '../../dist/client/temporal/data-converter.js';
import { engineActivities, objectOf, parseNumber, parseText } from '../../dist/workflows/engine/activity.js';
import { paymentActivities } from './payment-activities.js';

/** A worker in a separate process that a test kills. Its argument is a JSON object with the addresses and the key. */
const { address, taskQueue, bundlePath, providerUrl, key } = JSON.parse(process.argv[2] ?? '');
const connection = await NativeConnection.connect({ address });
const dataConverter = createDataConverter([{ id: 'test', key: Buffer.from(key, 'base64') }], {
  foreignAsUndefined: true,
});
const parsePayment = objectOf({ orderId: parseText, amount: parseNumber });
const workflows = await Worker.create({
  connection,
  taskQueue,
  dataConverter,
  workflowBundle: { code: readFileSync(bundlePath, 'utf8') },
});
const payments = await Worker.create({
  connection,
  taskQueue: `${taskQueue}-payments`,
  dataConverter,
  activities: engineActivities(
    paymentActivities(providerUrl),
    { reserve: parsePayment, charge: parsePayment, release: parsePayment },
    () => Context.current().info,
  ),
});
process.stdout.write('ready\n');
await Promise.all([workflows.run(), payments.run()]);
