import { describe, expect, it } from '@jest/globals';
import { CompactSign } from 'jose';
import { recordOf } from '../../../client/journey-log/record.ts';
import type { JourneyRecord } from '../../../client/journey-log/record.ts';
import { createChain } from '../../../client/receipts/chain.ts';
import { toCanonicalJson } from '../../../client/receipts/canonical-json.ts';
import { issueReceipt } from '../../../client/receipts/issue.ts';
import { jwksOf, keyPairOf, retiredKeyOf } from '../../../client/receipts/keys.ts';
import { renderReceipt } from '../../../client/receipts/page.ts';
import type { Receipt } from '../../../client/receipts/schema.ts';
import { verifyReceipt } from '../../../client/receipts/verify.ts';
import { appendEntry } from '../../../workflows/journey/stored/log.ts';
import { defaultPolicy } from '../../../workflows/journey/policy/policy.ts';
import { resultOf } from '../../../workflows/journey/status/result.ts';
import * as story from '../../workflows/journey/support.ts';
import type { Story } from '../../workflows/journey/support.ts';

const key = keyPairOf('2026-11', Buffer.alloc(32, 1));
const keys = jwksOf([key]);
const beginning = { userId: 'ada', accountType: 'individual', policy: defaultPolicy } as const;
const issuedAt = story.MORNING + 1;

const recordAt = ({ journey }: Story) => recordOf(journey.log, beginning);
const issue = (record: JourneyRecord, signer = key) => issueReceipt(record, { key: signer, issuedAt });

/** E-mail verified by a code after a wrong one and a reminder, the phone by an operator. */
function verifiedStory(): Story {
  const walk = story.awaiting('email').send(story.submit(), story.wrong);
  walk.advance(defaultPolicy.reminderAfter).send(story.sent, story.submit(), story.right, story.sent);
  return walk.send(story.override('sms'));
}

/** Changes the JSON of a receipt, as anyone with the file can. */
function changed(receipt: Receipt, change: (copy: Receipt) => void): Receipt {
  const copy = structuredClone(receipt);
  change(copy);
  return copy;
}

const details = async (document: unknown, known = keys) =>
  (await verifyReceipt(document, known)).problems.map(({ check, entry, detail }) => `${check} ${entry}: ${detail}`);

describe('a receipt', () => {
  it('states what was verified, when, by what and by which entry', async () => {
    const { statement, entries } = await issue(recordAt(verifiedStory()));
    expect(statement).toMatchObject({ userId: 'ada', state: 'done', machineVersion: 1, policy: defaultPolicy });
    const [email, sms] = statement.verified;
    expect(email).toMatchObject({ channel: 'email', evidence: 'code', by: null, reason: null });
    expect(sms).toMatchObject({ channel: 'sms', evidence: 'operator', by: { role: 'operator', name: 'night' } });
    expect(entries[(email?.entry ?? 0) - 1]?.entry.type).toBe('code.correct');
    expect(entries[(sms?.entry ?? 0) - 1]?.entry.type).toBe('override');
    expect(entries.map(({ number }) => number)).toEqual(entries.map((_, index) => index + 1));
  });

  it('is valid after it was written as JSON, also with its members in another order', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    expect(await verifyReceipt(JSON.parse(JSON.stringify(receipt, null, 4)), keys)).toMatchObject({ isValid: true });
    const reversed = JSON.parse(JSON.stringify(receipt), (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toReversed())
        : value,
    ) as unknown;
    expect(await details(reversed)).toEqual([]);
  });

  it('is valid for every journey of a verified, a locked and a stalled user', async () => {
    const stories = [
      story.awaiting('sms'),
      story.awaiting('email', { policy: { guesses: { perCode: 1, perChannel: 1 } } }).send(story.submit(), story.wrong),
      story.sendingTo('email').send(story.refused),
      story.sendingTo('email').send(story.unreached, story.pause),
    ];
    for (const { journey } of stories) {
      const { policy } = journey.snapshot.context;
      expect(await details(await issue(recordOf(journey.log, { ...beginning, policy })))).toEqual([]);
    }
  });

  it('of a restarted journey is valid with what it inherited', async () => {
    const before = story.awaiting('email').send(story.cancel);
    const restarted = story.restartedWith(resultOf(before.journey).carried);
    const again = new story.Story({ ...restarted, at: before.clock + 60_000 }).advance(0).send(story.sent);
    const receipt = await issue(recordOf(again.journey.log, { ...beginning, ...restarted }));
    expect(receipt.entries[0]?.entry.type).toBe('restarted');
    expect(receipt.statement.start.restarted).toMatchObject({ by: { name: 'night' }, carried: { revision: 3 } });
    expect(await details(receipt)).toEqual([]);
    const fewer = changed(receipt, ({ statement }) => {
      Object.assign(statement.start.restarted?.carried ?? {}, { ledger: [] });
    });
    expect((await details(fewer))[0]).toMatch(/^chain null: the user, .* or the start differs/);
  });

  it('contains neither a code nor more of an address than its masked hint', async () => {
    const walk = story.sendingTo('email').send({ type: 'send.sent', to: 'a•••@e•••' }, story.submit(), story.right);
    const text = JSON.stringify(await issue(recordAt(walk)));
    expect(text).toContain('a•••@e•••');
    expect(text).not.toContain('123456');
    expect(text).not.toMatch(/"code":/);
  });

  it('is not issued from a log that is incomplete', () => {
    const { journey } = verifiedStory();
    let { log } = journey;
    const entry = {
      at: 1,
      channel: 'email',
      by: { role: 'app', name: 'shop' },
      reason: null,
      type: 'recheck',
    } as const;
    while (log.length < 500) log = appendEntry(log, { ...entry, at: log.length });
    expect(() => recordOf(log, beginning)).toThrow(/complete only up to entry 50 of 500/);
    expect(() => recordOf([], beginning)).toThrow(/left no log/);
  });

  it('is readable as one HTML page that escapes its texts', async () => {
    const walk = story.awaiting('email');
    const { journey } = walk.send(Object.assign(story.override('email'), { reason: '<b>passport</b>' }));
    const page = renderReceipt(await issue(recordOf(journey.log, beginning)));
    expect(page).toContain('&#60;b&#62;passport&#60;/b&#62;');
    expect(page).not.toContain('<b>');
    expect(page).not.toMatch(/<script|src=|href=/);
    expect(page).toContain('Marked e-mail as verified');
  });
});

describe('verifying names', () => {
  it('one changed byte of the statement', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    const forged = changed(receipt, ({ statement }) => void (statement.userId = 'adb'));
    expect(await details(forged)).toEqual([
      expect.stringMatching(/^chain null: the user, .* or the start differs/),
      expect.stringMatching(/^signature null: the signature does not match the statement under the key '2026-11'/),
    ]);
  });

  it('one changed byte of every hash and of the signature', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    const flip = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
    for (const index of receipt.entries.keys()) {
      const forged = changed(receipt, ({ entries }) => {
        const link = entries[index];
        if (link !== undefined) link.hash = flip(link.hash);
      });
      expect(await details(forged)).toEqual([`chain ${index + 1}: entry ${index + 1} was changed`]);
    }
    const [header = '', , bytes = ''] = receipt.signature.split('.');
    const forged = { ...receipt, signature: `${header}..${flip(bytes)}` };
    expect(await details(forged)).toEqual([expect.stringMatching(/^signature null: .* does not match/)]);
  });

  it('one entry that is missing, at every position', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    for (const index of receipt.entries.keys()) {
      const forged = changed(receipt, ({ entries }) => void entries.splice(index, 1));
      expect((await details(forged))[0]).toMatch(new RegExp(`: entry ${index + 1} is missing`));
    }
  });

  it('one entry that was inserted', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    const forged = changed(receipt, ({ entries }) => {
      entries.splice(2, 0, { ...structuredClone(entries[1] ?? { number: 1, hash: '', entry: { type: '', at: 0 } }) });
    });
    expect((await details(forged))[0]).toBe('chain 2: entry 2 is in the place of entry 3: the order was changed');
  });

  it('one entry that was appended', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    const number = receipt.entries.length + 1;
    const forged = changed(receipt, ({ entries }) => {
      entries.push({ ...structuredClone(entries[1] ?? { hash: '', entry: { type: '', at: 0 } }), number });
    });
    expect((await details(forged))[0]).toBe(
      `chain ${number}: entry ${number} was added: the statement names ${number - 1} entries`,
    );
  });

  it('a verification that the statement has and its entries do not', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    const forged = changed(receipt, ({ entries }) => void entries.pop());
    expect((await details(forged)).at(-1)).toMatch(
      /^machine null: the statement says .*"night".* of sms where the entries say nothing$/,
    );
  });

  it('one changed reason', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    const last = receipt.entries.length;
    const forged = changed(receipt, ({ entries }) => {
      Object.assign(entries[last - 1]?.entry ?? {}, { reason: 'another' });
    });
    const [first, second] = await details(forged);
    expect(first).toBe(`chain ${last}: entry ${last} was changed`);
    expect(second).toMatch(new RegExp(`^machine ${last}: the statement says .* where the entries say .*another`));
  });

  it('a changed order', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    const forged = changed(receipt, ({ entries }) => void entries.splice(1, 2, ...entries.slice(1, 3).toReversed()));
    expect((await details(forged))[0]).toBe('chain 3: entry 3 is in the place of entry 2: the order was changed');
  });

  it('a key that the issuer does not have, and one that only has the same name', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    const other = jwksOf([keyPairOf('2027-01', Buffer.alloc(32, 2))]);
    expect(await details(receipt, other)).toEqual([
      "signature null: the key '2026-11' is none of the issuer's keys: '2027-01'",
    ]);
    expect(await details(receipt, { keys: [] })).toEqual([expect.stringMatching(/none was given/)]);
    const namesake = jwksOf([keyPairOf('2026-11', Buffer.alloc(32, 2))]);
    expect(await details(receipt, namesake)).toEqual([expect.stringMatching(/does not match .* '2026-11'/)]);
  });

  it('entries that were chained again after a change', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    const forged = changed(receipt, ({ statement, entries }) => {
      Object.assign(entries[2]?.entry ?? {}, { at: 1 });
      const chained = createChain(
        statement.chain.first,
        entries.map(({ entry }) => entry),
      );
      entries.splice(0, entries.length, ...chained);
    });
    expect((await details(forged))[0]).toMatch(/^chain null: the last hash differs/);
  });

  it('entries that the machine does not accept, although an issuer has signed them', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    const forged = changed(receipt, ({ statement, entries }) => {
      const without = entries.filter(({ entry }) => entry.type !== 'send.sent').map(({ entry }) => entry);
      entries.splice(0, entries.length, ...createChain(statement.chain.first, without));
      statement.chain = { ...statement.chain, entries: entries.length, last: entries.at(-1)?.hash ?? '' };
    });
    const signed = await new CompactSign(Buffer.from(toCanonicalJson(forged.statement)))
      .setProtectedHeader({ alg: 'EdDSA', kid: key.id, typ: 'onward-receipt' })
      .sign(key.privateKey ?? new Uint8Array());
    const signature = signed.replace(/\..*\./, '..');
    expect(await details({ ...forged, signature })).toEqual([
      'machine 2: entry 2: submitCode has no effect in emailPending.sending',
    ]);
  });

  it('a signature that was made for another purpose', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    const signed = await new CompactSign(Buffer.from(toCanonicalJson(receipt.statement)))
      .setProtectedHeader({ alg: 'EdDSA', kid: key.id, typ: 'JWT' })
      .sign(key.privateKey ?? new Uint8Array());
    const signature = signed.replace(/\..*\./, '..');
    expect(await details({ ...receipt, signature })).toEqual([expect.stringMatching(/not of a receipt/)]);
  });

  it('what was added to a statement without being signed', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    const forged = changed(receipt, ({ statement }) => void Object.assign(statement, { fullName: 'Ada' }));
    expect(await details(forged)).toEqual([expect.stringMatching(/^form null: .*statement.*fullName/)]);
  });

  it.each(['"policy":{', '"entry":{', '"statement":{'])('a member `__proto__` in %s', async (place) => {
    const text = JSON.stringify(await issue(recordAt(verifiedStory())));
    const forged = text.replace(place, `${place}"__proto__":{"fullName":"Ada"},`);
    expect(await details(JSON.parse(forged))).toEqual([expect.stringMatching(/^form null: this is not a receipt/)]);
  });

  it('what was added to a signature', async () => {
    const { signature, ...receipt } = await issue(recordAt(verifiedStory()));
    const last = signature.at(-1) ?? '';
    // The last character of 64 bytes holds four bits that are not part of them.
    const twin = String.fromCharCode(last.charCodeAt(0) + 1);
    for (const forged of [`${signature}.Ada`, `${signature}==`, `${signature.slice(0, -1)}${twin}`]) {
      expect(await details({ ...receipt, signature: forged })).toEqual([expect.stringMatching(/^signature null/)]);
    }
  });

  it('a document that is nested too deeply, and a key that is none', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    let deep = {};
    for (let level = 0; level < 50_000; level += 1) deep = { deep };
    const { statement } = receipt;
    const forged = { ...receipt, statement: { ...statement, policy: { ...statement.policy, deep } } };
    expect(await details(forged)).toEqual(['form null: this is not a receipt: it is nested too deeply']);
    const damaged = { keys: keys.keys.map((each) => ({ ...each, x: 'AA' })) };
    expect(await details(receipt, damaged)).toEqual([
      "signature null: the key '2026-11' of the issuer is not an Ed25519 key",
    ]);
  });

  it.each([null, 'a text', {}, { statement: {}, entries: [], signature: '' }])('%j as no receipt', async (document) => {
    expect(await details(document)).toEqual([expect.stringMatching(/^form null: this is not a receipt/)]);
  });
});

describe('the rotation of keys', () => {
  it('keeps receipts of a retired key verifiable, and signs no more with it', async () => {
    const receipt = await issue(recordAt(verifiedStory()));
    const newest = keyPairOf('2027-01', Buffer.alloc(32, 2));
    const x = Buffer.from(String(key.publicKey.export({ format: 'jwk' }).x), 'base64url');
    const retired = retiredKeyOf('2026-11', x);
    const published = jwksOf([newest, retired]);
    expect(await details(receipt, published)).toEqual([]);
    expect(await details(await issue(recordAt(verifiedStory()), newest), published)).toEqual([]);
    await expect(issue(recordAt(verifiedStory()), retired)).rejects.toThrow(/is retired/);
    expect(JSON.stringify(published)).not.toContain('"d"');
  });
});
