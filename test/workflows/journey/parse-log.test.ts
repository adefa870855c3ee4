import { describe, expect, it } from '@jest/globals';
import { appendEntry } from '../../../workflows/journey/stored/log.ts';
import type { LogEntry } from '../../../workflows/journey/stored/log.ts';
import { parseCarried } from '../../../workflows/journey/stored/parse-carried.ts';
import { parseLog } from '../../../workflows/journey/stored/parse-log.ts';
import { timelineOf } from '../../../workflows/journey/status/timeline.ts';

const night = { role: 'operator', name: 'night' } as const;

describe('a log that Temporal has stored', () => {
  it.each([
    { at: 1, type: 'send.smoke', channel: 'email' },
    { at: 1, type: 'code.smoke', detail: 'signals', channel: 'email' },
    { at: 1, type: 'record.read', record: { email: 'maybe', sms: null } },
    { at: 1, type: 'pause', by: { role: 'king', name: 'x' }, reason: null },
    { type: 'retry', by: night, reason: null },
    'nonsense',
    null,
  ])('shows what it cannot read as unreadable: %j', (stored) => {
    const [entry] = parseLog([stored]);
    expect(entry?.type).toBe('unreadable');
    expect(timelineOf(entry === undefined ? [] : [entry])[0]?.what).toMatch(/^An event of another release/);
    expect(parseLog(JSON.parse(JSON.stringify([entry])))).toEqual([entry]);
  });

  it('shows a reply to a send that it does not know as a refusal, under its own name', () => {
    const stored = { at: 1, type: 'send.smoke', detail: 'only signals', channel: 'email' };
    const log = parseLog([stored]);
    expect(log).toEqual([stored]);
    expect(timelineOf(log)[0]?.what).toBe('The provider refused to send the e-mail code: only signals');
  });

  it('keeps the links of journeys that supersede each other', () => {
    const by = { by: night, reason: 'another number', channel: null };
    const log: LogEntry[] = [
      { at: 1, type: 'restarted', ...by, supersedes: 'ada' },
      { at: 2, type: 'cancel', ...by, supersededBy: 'ada-3', changed: 'sms' },
    ];
    expect(parseLog(JSON.parse(JSON.stringify(log)))).toEqual(log);
    expect(parseLog([{ ...log[1], changed: 'fax' }])).toEqual([
      { at: 2, type: 'cancel', ...by, supersededBy: 'ada-3' },
    ]);
  });

  it('keeps the act of an operator, even if it cannot be read', () => {
    const [strange] = parseLog([{ at: 60, type: 'teleport', by: night, reason: 'to be sure' }]);
    if (strange === undefined) throw new Error('no entry');
    let log: readonly LogEntry[] = [];
    for (let at = 0; at < 900; at += 1) {
      log = appendEntry(
        log,
        at === 60 ? strange : { type: 'send.unreached', at, channel: 'email', detail: String(at) },
      );
    }
    expect(log).toHaveLength(500);
    expect(log.filter(({ type }) => type === 'unreadable')).toMatchObject([{ by: night, reason: 'to be sure' }]);
  });
});

describe('what a journey carries over', () => {
  it('counts a send that it cannot read as one of unknown outcome', () => {
    const { ledger } = parseCarried({ ledger: [{ channel: 'email', at: 5, outcome: 'pigeon' }, { at: 6 }] });
    expect(ledger).toMatchObject([{ channel: 'email', at: 5, outcome: 'unknown' }]);
  });
});
