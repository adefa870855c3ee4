import { describe, expect, it } from '@jest/globals';
import { BadRequest } from '../../client/errors.ts';
import { checkUserId } from '../../client/validation.ts';

function refusal(userId: string): BadRequest {
  try {
    checkUserId(userId);
  } catch (error) {
    if (error instanceof BadRequest) return error;
    throw error;
  }
  throw new Error(`${userId} was taken`);
}

describe('a user id', () => {
  it.each([
    'a',
    '7',
    'ada',
    'Ada_Lovelace-1815',
    'auth0:5f7c',
    'a.b.c',
    '...',
    '.a',
    '-',
    '0190a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b',
    'x'.repeat(128),
  ])('accepts %s', (userId) => {
    expect(() => checkUserId(userId)).not.toThrow();
  });

  it.each([
    '',
    '.',
    '..',
    'x'.repeat(129),
    'a b',
    'a/b',
    '../x',
    'a\\b',
    'a%2fb',
    'a?b',
    'a#b',
    "a'b",
    'a"b',
    'a|b',
    'a+b',
    'jürgen',
    'аda',
    'ada\n',
    '\nada',
    'ada\u0000',
    '😀',
  ])('rejects %j and says what is valid', (userId) => {
    const { code, field, message } = refusal(userId);
    expect({ code, field }).toEqual({ code: 'bad_request', field: 'userId' });
    expect(message).toBe(
      'a user id must have 1 to 128 characters: letters, digits and . _ : -, and must not be . or ..',
    );
  });

  it.each(['ada@example.test', '@', 'ada@'])('rejects the e-mail address %s and advises to pass an id', (userId) => {
    const { field, message } = refusal(userId);
    expect(field).toBe('userId');
    expect(message).toMatch(/not be an e-mail address.*your own id/);
    expect(message).not.toContain('ada');
  });
});
