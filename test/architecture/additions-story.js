import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';

/**
 * A journey through everything that CONTRIBUTING.md adds, on the build of the copy that is the working folder. It needs no server: the
 * machine is pure, and the gateway is asked in this process. It prints what it saw, as JSON.
 */
const load = (path) => import(pathToFileURL(resolve('dist', path)).href);
const [
  { startJourney, applyEvent, serialize, deserialize },
  { statusOf },
  { timelineOf },
  { defaultPolicy },
  { statusForRole },
] = await Promise.all(
  ['transition', 'status/status', 'status/timeline', 'policy/policy', 'status/role-views'].map((name) =>
    load(`workflows/journey/${name}.js`),
  ),
);
const { parseSendReply } = await load('activities/sfox/parse-reply.js');

const by = { role: 'operator', name: 'night' };
let at = Date.UTC(2026, 0, 5, 9);
const journeyInput = { userId: 'ada', accountType: 'individual', policy: defaultPolicy };
let { journey } = startJourney({ ...journeyInput, at });
const seen = [];
/** Sends events to the machine, a minute after each other, and notes where each leads. */
function send(...events) {
  for (const event of events) {
    at += 60_000;
    journey = applyEvent(journey, { by, reason: null, ...event, at }).journey;
    const { state, step, channelDue } = statusOf(journey);
    seen.push([event.type, step === null ? state : `${state}.${step}`, channelDue]);
  }
}
const code = (channel) => [
  { type: 'send.sent', to: null },
  { type: 'submitCode', channel, code: '123456' },
  { type: 'code.correct' },
];

const { type, ...blocked } = parseSendReply({ status: 451, body: {}, retryAfter: undefined }, 'email');
send({ type: `send.${type}`, ...blocked }, { type: 'retry' }, { type: 'send.sent', to: null }, { type: 'hold' });
const held = statusOf(journey);
send({ type: 'resume' }, ...code('email').slice(1), ...code('sms'), ...code('voice'), { type: 'resume' });

/** The journey as a release without the channel has stored it. */
const stored = JSON.parse(JSON.stringify(serialize(startJourney({ ...journeyInput, at }).journey)));
for (const field of ['guesses', 'evidence', 'reminded']) delete stored.context[field].voice;

const { createGateway } = await load('client/gateway/app.js');
const { Onward } = await load('client/onward.js');
const { connectLater } = await load('client/temporal/connect.js');
const { defaultEventRules } = await load('client/config/policy-file.js');
const { OnwardClient } = await load('client/http-client/index.js');
const keys = [{ id: 'one', key: Buffer.alloc(32, 1) }];
const token = 'operator-token';
const app = await createGateway({
  onward: new Onward({ client: connectLater({ address: '127.0.0.1:1', namespace: 'default' }, keys) }),
  tokens: [{ role: 'operator', name: 'night', digest: createHash('sha256').update(token).digest() }],
  webhookSecrets: [],
  eventRules: defaultEventRules,
  journeyLife: 1,
  rate: { calls: 100, within: 1_000 },
  isReady: async () => false,
  logger: pino({ level: 'silent' }),
  auditLog: { write: async () => {}, blank: async () => false },
  encryptionKeys: keys,
});
const fetchInProcess = async (url, { method, headers, body }) => {
  const reply = await app.inject({ method, url, headers: Object.fromEntries(headers), body });
  return new Response(reply.body, {
    status: reply.statusCode,
    headers: { 'content-type': reply.headers['content-type'] },
  });
};
const client = new OnwardClient({ url: 'http://gateway.test', token, fetch: fetchInProcess });
const document = JSON.parse((await app.inject({ url: '/openapi.json' })).body);
const refused = await client.hold('ada', {}).catch(({ code, field }) => ({ code, field }));

process.stdout.write(
  JSON.stringify({
    seen,
    held: { allowed: Object.keys(held.allowed), toApp: Object.keys(statusForRole(held, 'app').allowed) },
    timeline: timelineOf(journey.log).map(({ what }) => what),
    channels: Object.fromEntries(['email', 'sms', 'voice'].map((name) => [name, statusOf(journey)[name].status])),
    restored: statusOf(deserialize(stored)).voice.status,
    states: await client.states(),
    refused,
    operations: ['hold', 'states'].filter((id) => JSON.stringify(document.paths).includes(`"operationId":"${id}"`)),
    fields: Object.keys(document.components.schemas.Status.properties),
  }),
);
process.exit(0);
