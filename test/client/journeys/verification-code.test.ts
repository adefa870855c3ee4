import { describe, expect, it } from '@jest/globals';
import { parseCode } from '../../../client/journeys/verification-code.ts';

describe('a verification code', () => {
  it.each([
    ['123456', '123456'],
    [' 123 456 ', '123456'],
    ['123-456', '123456'],
    ['12–34—56', '123456'],
    ['12\u221234', '1234'],
    ['1 2 3 4', '1234'],
    ['\u00A01\u20072\u202F3\u30004', '1234'],
    ['\u202A1234\u202C', '1234'],
    ['\uFEFF12\u200B34\u2060', '1234'],
    ['１２３４５６', '123456'],
    ['٠١٢٣٤٥', '012345'],
    ['۱۲۳۴', '1234'],
    ['१२३४५', '12345'],
    ['𝟎𝟏𝟐𝟗', '0129'],
    ['𝟘𝟙𝟫𝟬𝟿', '01909'],
    ['１２３ ４５６\n', '123456'],
    ['0000', '0000'],
  ])('pasted as %j is %s', (pasted, code) => {
    expect(parseCode(pasted)).toBe(code);
  });

  it.each([
    '',
    '123',
    '12345678901',
    '12a456',
    '12.34',
    '½234',
    '²²²²',
    'ⅣⅣⅣⅣ',
    '四五六七',
    '1'.repeat(101),
    `1234${' '.repeat(100)}`,
  ])('is not %j', (pasted) => {
    expect(() => parseCode(pasted)).toThrow('4 to 10 digits');
  });

  it('is not part of the error that rejects it', () => {
    expect(() => parseCode('12a456')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('12a456') }),
    );
  });
});
