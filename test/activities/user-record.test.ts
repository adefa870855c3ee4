import { describe, expect, it } from '@jest/globals';
import { isUnknownRecord, parseUserRecord } from '../../activities/sfox/parse-reply.ts';
import { parseRecord } from '../../activities/sfox/user-record.ts';

const reply = (data: unknown) => ({ status: 200, body: { data }, retryAfter: null });

describe('a record of the provider', () => {
  it('says of each channel whether it is open, satisfied or not mentioned, and what else is open', () => {
    const requirements = { email: false, documents: true, proof_of_address: true, selfie: false };
    const { record, isKnown } = parseRecord({
      user_id: 'ada',
      status: 'PENDING',
      requirements,
      email: 'a@example.com',
    });
    expect(record).toEqual({
      email: 'verified',
      sms: null,
      provider: { status: 'PENDING', isSupported: true, open: ['documents', 'proof_of_address'] },
    });
    expect(isKnown).toBe(true);
  });

  it.each(['PENDING', 'VERIFIED'])('of the status %s verifies no channel that it does not mention', (status) => {
    for (const data of [{ status }, { status, requirements: {} }]) {
      expect(parseRecord(data)).toMatchObject({ record: { email: null, sms: null }, isKnown: true });
    }
  });

  it('does not serve the person only if its status says exactly that', () => {
    const served = (status: unknown) => parseRecord({ status, requirements: {} }).record.provider?.isSupported;
    expect(['UNSUPPORTED', 'unsupported', 'PENDING', null, undefined].map(served)).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  it.each([
    ['neither status nor requirements', { tier: 1, current: ['email'] }],
    ['a status that is not documented', { status: 'REVIEW', requirements: { email: true } }],
    ['a status that is not a string', { status: 3, requirements: { email: true } }],
    ['requirements that are no object', { status: 'PENDING', requirements: ['email'] }],
    ['a requirement that is neither true nor false', { status: 'PENDING', requirements: { sms: 'no', email: true } }],
    ['a nested requirement', { status: 'PENDING', requirements: { documents: { passport: true }, email: true } }],
    ['a requirement that is an address', { status: 'PENDING', requirements: { 'a@example.com': true } }],
    [
      'more open requirements than are passed on',
      {
        status: 'PENDING',
        requirements: Object.fromEntries(Array.from({ length: 30 }, (_, nth) => [`r${nth}`, true])),
      },
    ],
  ])('with %s is of an unknown shape, and only what is certain is used', (_, data) => {
    expect(isUnknownRecord(reply({ user_id: 'ada', ...data }))).toBe(true);
    const { sms, provider } = parseUserRecord(reply({ user_id: 'ada', ...data }));
    expect(sms).toBeNull();
    expect(provider?.isSupported).toBe(true);
    expect(provider?.open.length).toBeLessThanOrEqual(20);
    expect(JSON.stringify(provider)).not.toContain('@');
  });
});
