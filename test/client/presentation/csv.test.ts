import { expect, it } from '@jest/globals';
import { toCsv } from '../../../client/cli/output/csv.ts';
import { csvLine } from '../../../client/presentation/csv.ts';

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '＝1+1'])(
  'writes no text that a spreadsheet takes for a formula: %j',
  (text) => {
    expect(csvLine([text])).toBe(`'${text}\r\n`);
  },
);

it.each([
  ['\t=1', '\\u{9}=1'],
  ['\u001B[2J', '\\u{1b}[2J'],
  ['a\r\nb', 'a\\u{d}\\u{a}b'],
  ['\u202Egpj.exe', '\\u{202e}gpj.exe'],
])('writes no character that steers a terminal: %j', (text, escaped) => {
  expect(csvLine([text])).toContain(escaped);
});

it('writes numbers and other texts as they are, and quotes what has to be', () => {
  expect(csvLine([-1, true, null, 'a=1', 'a,"b"'])).toBe('-1,true,,a=1,"a,""b"""\r\n');
});

it('writes no formula into the CSV of the command line, neither in a column nor in its name', () => {
  const reply = { items: [{ reason: '=HYPERLINK("http://evil.example")', count: -1, '=1': ['-'] }] };
  expect(toCsv(reply)).toBe('reason,count,\'=1\r\n"\'=HYPERLINK(""http://evil.example"")",-1,"[""-""]"\r\n');
});
