import { describe, expect, it } from '@jest/globals';
import { BadRequest } from '../../client/errors.ts';
import { checkUserId } from '../../client/user-id.ts';

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
  ])('may be %s', (userId) => {
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
  ])('may not be %j, and the refusal says what may be', (userId) => {
    const { code, field, message } = refusal(userId);
    expect({ code, field }).toEqual({ code: 'bad_request', field: 'userId' });
    expect(message).toBe('a user id has 1 to 128 letters, digits, or any of . _ : -, and is neither . nor ..');
  });

  it.each(['ada@example.test', '@', 'ada@'])('may not be %s: an id, not an address, is the advice', (userId) => {
    const { field, message } = refusal(userId);
    expect(field).toBe('userId');
    expect(message).toMatch(/not an address.*your own id/);
    expect(message).not.toContain('ada');
  });
});
