import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ListedUser, ProviderAttempt } from '../../activities/contract.ts';
import { createProviderActivities } from '../../activities/sfox/provider-activities.ts';
import { startSfox } from '../../sandbox/sfox/index.ts';
import type { Fault, Sfox } from '../../sandbox/sfox/index.ts';

let sfox: Sfox;
const attempts: ProviderAttempt[] = [];
let provider: ReturnType<typeof createProviderActivities>;
beforeAll(async () => {
  sfox = await startSfox();
  const options = { baseUrl: sfox.url, apiKey: sfox.apiKey };
  provider = createProviderActivities({ ...options, onAttempt: (attempt) => void attempts.push(attempt) });
});
afterAll(async () => {
  provider?.close();
  await sfox?.close();
});

async function read(fault?: Fault): Promise<(ListedUser | null)[]> {
  if (fault !== undefined) sfox.script('*', 'list', [fault]);
  const users: (ListedUser | null)[] = [];
  await provider.directory.listUsers((user) => users.push(user), new AbortController().signal);
  return users;
}

describe("the provider's list of users", () => {
  it('is read user by user, and of each only id, account type and standing', async () => {
    sfox.crowd('crowd', 10_000);
    for (const label of [
      'silent',
      'tiers',
      'unsupported',
      'both-verified',
      'email-verified',
      'documents',
      'business',
    ]) {
      sfox.crowd(`${label}:one`, 1);
    }
    sfox.crowd('business.email-verified:one', 1);
    const users = await read();
    expect(users).toHaveLength(10_008);
    expect(users[0]).toEqual({ userId: 'crowd-1', accountType: 'individual', standing: 'pending', registeredAt: null });
    const standings = users.slice(10_000).map((user) => [user?.userId, user?.accountType, user?.standing]);
    expect(standings).toEqual([
      ['silent:one-1', 'individual', 'pending'],
      ['tiers:one-1', 'individual', null],
      ['unsupported:one-1', 'individual', 'unsupported'],
      ['both-verified:one-1', 'individual', 'verified'],
      ['email-verified:one-1', 'individual', 'partlyVerified'],
      ['documents:one-1', 'individual', 'pending'],
      ['business:one-1', 'business', 'pending'],
      ['business.email-verified:one-1', 'business', 'verified'],
    ]);
    expect(attempts.at(-1)).toEqual({ call: 'list', channel: 'none', reply: 'unknown_record' });
  });

  it('may be empty', async () => {
    expect(await read({ status: 200, body: { data: [] } })).toEqual([]);
    expect(attempts.at(-1)?.reply).toBe('2xx');
  });

  it('reads the time of a registration, and ignores a time that contradicts the record', async () => {
    const rows = [
      { user_id: 'a', account_type: 'individual', status: 'PENDING', created_at: '2026-01-31T09:30:00Z' },
      { user_id: 'b', account_type: 'individual', status: 'VERIFIED', requirements: { email: true } },
      { user_id: 'c', account_type: 'trust', status: 'VERIFIED', requirements: {} },
      { user_id: 7, account_type: 'corporation', status: 'PENDING', requirements: { email: false } },
      { email: 'ada@example.com', status: 'PENDING' },
      'no object',
    ];
    const users = await read({ status: 200, body: { data: rows } });
    expect(users.map((user) => [user?.userId, user?.standing, user?.accountType, user?.registeredAt])).toEqual([
      ['a', 'pending', 'individual', Date.UTC(2026, 0, 31, 9, 30)],
      ['b', null, 'individual', null],
      ['c', 'verified', null, null],
      ['7', 'verified', 'business', null],
      [undefined, undefined, undefined, undefined],
      [undefined, undefined, undefined, undefined],
    ]);
  });

  it.each<[Fault, string]>([
    ['cut-off', 'ProviderOutcomeUnknown'],
    ['cut-short', 'ProviderOutcomeUnknown'],
    ['html', 'ProviderOutcomeUnknown'],
    [{ status: 200, body: {} }, 'ProviderOutcomeUnknown'],
    [{ status: 200, body: [] }, 'ProviderOutcomeUnknown'],
    [{ status: 200, body: { data: { ada: {} } } }, 'ProviderOutcomeUnknown'],
    [{ status: 200, body: { data: [], error: 'try later' } }, 'ProviderOutcomeUnknown'],
    [{ status: 200, body: { data: [{ user_id: 'x'.repeat(400_000) }] } }, 'ProviderOutcomeUnknown'],
    [{ status: 503 }, 'ProviderOutOfService'],
    [{ status: 429, retryAfter: 3 }, 'ProviderRateLimited'],
    [{ status: 401 }, 'ProviderCredentials'],
    [{ status: 404 }, 'ProviderRefused'],
  ])('is an error if it is not complete: %j', async (fault, type) => {
    const error = await read(fault).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ type });
    expect(String(error?.message)).not.toMatch(/@|crowd|bearer/i);
  });
});
