import { pino } from 'pino';
import { connect } from '../../client/connect.ts';
import { createGateway } from '../../client/gateway/app.ts';
import { readiness } from '../../client/gateway/readiness.ts';
import { digestOf } from '../../client/gateway/tokens.ts';
import { Onward } from '../../client/onward.ts';
import { defaultEventRules } from '../../client/settings.ts';
import { defaultPolicy } from '../../workflows/policy.ts';
import { answering, given } from './answering.ts';
import { tokens } from './gateway.ts';
import type { GatewayGiven } from './gateway.ts';
import { keys } from './keys.ts';

/** A gateway in a process of its own, as `npm run gateway` has it, that lets as many calls in as come. */

const { address, taskQueue } = given as GatewayGiven;
const client = await connect({ connectionOptions: { address } }, keys);
const onward = new Onward({ client, taskQueue });
const app = await createGateway({
  onward,
  tokens: (['app', 'operator'] as const).map((role) => ({ role, name: 'bench', digest: digestOf(tokens[role]) })),
  webhookSecrets: [],
  eventRules: defaultEventRules,
  journeyLife: defaultPolicy.journeyLife,
  rate: { calls: 10_000_000, within: 1_000 },
  isReady: readiness(client),
  encryptionKeys: keys,
  logger: pino({ level: 'silent' }),
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });

answering(
  {
    url: () => url,
    /** Users who are waited for. */
    watched: () => onward.watching.size,
  },
  async () => {
    await app.close();
    await client.connection.close();
  },
);
