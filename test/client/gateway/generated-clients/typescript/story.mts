/**
 * Walks through an onboarding with the client that is generated from /openapi.json.
 * Arguments: the gateway's address, a token, a user id. The verification code is read from standard input.
 */
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from './api.mjs';

const [url = '', token = '', user = ''] = process.argv.slice(2);
const { v1 } = new Api<string>({
  baseUrl: url,
  baseApiParams: { headers: { authorization: `Bearer ${token}` } },
});

const started = await v1.start(user, { accountType: 'individual' });
if (started.status !== 201) throw new Error(`start: ${started.status}`);

let status = started.data;
for (let attempt = 0; status.step !== 'awaitingCode' && attempt < 100; attempt += 1) {
  await sleep(200);
  status = (await v1.status(user)).data;
}
process.stdout.write(`status ${status.state} ${status.step}\n`);

try {
  await v1.resend(user, {});
} catch (refused) {
  const { error, headers, status: code } = refused as Awaited<ReturnType<typeof v1.resend>>;
  process.stdout.write(`resend ${code} ${error.code} ${headers.has('retry-after')}\n`);
}

const input = createInterface({ input: process.stdin });
const code = await input.question('');
input.close();
const submitted = (await v1.submitCode(user, { channel: 'email', code })).data;
process.stdout.write(`code ${submitted.outcome} ${submitted.status.email?.status}\n`);
