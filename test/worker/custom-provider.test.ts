import { describe, expect, it } from '@jest/globals';
import { createCustomProvider } from '../../worker/provider/custom-provider.ts';

const read = (record: unknown) => {
  const provider = {
    sendCode: () => Promise.reject(new Error('not called')),
    confirmCode: () => Promise.reject(new Error('not called')),
    readUser: () => Promise.resolve(record as never),
  };
  const { checks } = createCustomProvider(provider, () => {});
  return checks.readUser({ userId: 'ada', provider: null, timeout: 10_000 });
};

describe('the record of a provider that is passed in code', () => {
  it('has what the provider says of the user as a whole', async () => {
    const provider = { status: 'UNSUPPORTED', isSupported: false, open: ['email', 'documents'] };
    expect(await read({ email: 'open', sms: null, provider })).toEqual({ email: 'open', sms: null, provider });
  });

  it('need not have it', async () => {
    expect(await read({ email: 'open', sms: 'verified' })).toEqual({ email: 'open', sms: 'verified' });
  });

  it('passes on only identifiers', async () => {
    const provider = {
      status: 'since May 2024',
      isSupported: true,
      open: ['ada@example.com', 'documents', '+447700900123'],
    };
    expect(await read({ email: null, sms: null, provider, name: 'Ada' })).toEqual({
      email: null,
      sms: null,
      provider: { status: null, isSupported: true, open: ['documents'] },
    });
  });

  it('has an unknown outcome if its shape is not the documented one', async () => {
    const provider = { status: 'PENDING', open: 'documents' };
    await expect(read({ email: null, sms: null, provider })).rejects.toMatchObject({ type: 'ProviderOutcomeUnknown' });
  });
});
