import { describe, expect, it } from '@jest/globals';
import { checkReason } from '../../../client/errors.ts';
import { timelineOf } from '../../../workflows/journey/status/timeline.ts';
import { escapeText, findTextProblem } from '../../../workflows/journey/status/text.ts';

describe('a text that people read', () => {
  it.each([
    'approved by the night shift',
    'Прошло через поддержку',
    'تمت الموافقة',
    'می‌خواهم',
    'क्‍ष',
    '核准 ✅ ❤️‍🔥 👩‍👩‍👧 1️⃣',
    'naïve; "quoted" \\u202e <b>',
  ])('may be %j', (text) => {
    expect(findTextProblem(text)).toBeUndefined();
    expect(escapeText(text)).toBe(text);
  });

  it.each([
    ['a right-to-left override', 'approved \u202Elecnac yb\u202C', 'U+202E', 'approved \\u{202e}lecnac yb\\u{202c}'],
    ['an isolate', 'a\u2066b', 'U+2066', 'a\\u{2066}b'],
    ['an Arabic letter mark', 'a\u061Cb', 'U+061C', 'a\\u{61c}b'],
    ['a line separator', 'a\u2028b', 'U+2028', 'a\\u{2028}b'],
    ['a paragraph separator', 'a\u2029b', 'U+2029', 'a\\u{2029}b'],
    ['a line feed', 'a\nb', 'U+000A', 'a\\u{a}b'],
    ['an escape sequence', '\u001B[2J', 'U+001B', '\\u{1b}[2J'],
    ['a C1 control', 'a\u009Bb', 'U+009B', 'a\\u{9b}b'],
    ['tags', 'a\u{E0061}\u{E0062}', 'U+E0061', 'a\\u{e0061}\\u{e0062}'],
    ['hidden variation selectors', 'a\u{E0100}', 'U+E0100', 'a\\u{e0100}'],
    ['zero-width characters alone', '\u200D\u200D', 'U+200D', '\\u{200d}\\u{200d}'],
    ['a zero-width space', '\u200B', 'U+200B', '\\u{200b}'],
    ['a message in joiners', 'a\u200C\u200D\u200C\u200C', 'U+200C', 'a\u200C\u200D\\u{200c}\\u{200c}'],
    ['a filler', '\u3164', 'U+3164', '\\u{3164}'],
    ['half a character', 'a\uD800b', 'U+D800', 'a\\u{d800}b'],
  ])('must not contain %s, and is shown escaped if it comes from elsewhere', (_, text, named, shown) => {
    expect(findTextProblem(text)).toMatch(new RegExp(`plain text.*${named.replace('+', '\\+')}$`));
    expect(() => checkReason(text)).toThrow(/plain text/);
    expect(escapeText(text)).toBe(shown);
  });

  it('is escaped in a timeline', () => {
    const channel = 'email' as const;
    const [said, paused] = timelineOf([
      { type: 'send.refused', at: 0, channel, detail: '422 \u202Eno' },
      { type: 'pause', at: 0, channel, by: { role: 'app', name: 'shop' }, reason: 'a\u202Eb' },
    ]);
    expect(said).toMatchObject({ what: 'The provider refused to send the e-mail code: 422 \\u{202e}no' });
    expect(paused).toMatchObject({ reason: 'a\\u{202e}b' });
  });
});
