import { pino } from 'pino';
import { connect } from '../../client/temporal/connect.ts';
import { createGateway } from '../../client/gateway/app.ts';
import { createReadinessCheck } from '../../client/gateway/plugins/readiness.ts';
import { digestOf } from '../../client/gateway/plugins/tokens.ts';
import { Onward } from '../../client/onward.ts';
import { defaultEventRules } from '../../client/config/policy-file.ts';
import { defaultPolicy } from '../../workflows/journey/policy/policy.ts';
import { serveRequests, argument } from './serve-requests.ts';
import { tokens } from './gateway.ts';
import type { GatewayOptions } from './gateway.ts';
import { keys } from './keys.ts';

/** A gateway in a separate process, like `npm run gateway`, without a rate limit. */

const { address, taskQueue } = argument as GatewayOptions;
const client = await connect({ connectionOptions: { address } }, keys);
const onward = new Onward({ client, taskQueue });
const app = await createGateway({
  onward,
  tokens: (['app', 'operator'] as const).map((role) => ({ role, name: 'bench', digest: digestOf(tokens[role]) })),
  webhookSecrets: [],
  eventRules: defaultEventRules,
  journeyLife: defaultPolicy.journeyLife,
  rate: { calls: 10_000_000, within: 1_000 },
  isReady: createReadinessCheck(client),
  encryptionKeys: keys,
  logger: pino({ level: 'silent' }),
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });

serveRequests(
  {
    url: () => url,
    /** The number of users with a subscription. */
    watched: () => onward.subscriptions.size,
  },
  async () => {
    await app.close();
    await client.connection.close();
  },
);
