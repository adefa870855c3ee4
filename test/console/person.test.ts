import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { enterCode, eventually, guessWrong, operator, statusOf, timelineOf, untilAt, user } from '../support/stack.ts';
import { act, hasChromium, openStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
const inChromium = hasChromium ? describe : describe.skip;

/** A user who holds a code. */
async function begun(name: string): Promise<string> {
  const { stack } = stage.gateway;
  const id = user(name);
  await stack.onward.start(id, { accountType: 'individual' });
  await untilAt(stack, id, 'emailPending.awaitingCode');
  return id;
}

const at = (id: string) => `/console/people/${id}`;
const because = (id: string, reason: string) =>
  eventually(
    async () => (await timelineOf(stage.gateway.stack, id)).some((line) => line.reason === reason),
    'the reason stands there',
  );

inChromium('Person, in Chromium', () => {
  beforeAll(async () => {
    stage = await openStage({}, { temporalUi: 'http://127.0.0.1:8233/namespaces/default/workflows' });
  });
  afterAll(async () => {
    await stage?.close();
  });

  it('pauses, resumes and cancels, and restarts what was cancelled', async () => {
    const { stack } = stage.gateway;
    const id = await begun('held');
    const page = await stage.open(at(id));
    expect(await act(page, 'Pause …', 'asked for calm')).toContain('Carried out, no code');
    await untilAt(stack, id, 'emailPending.paused');
    await because(id, 'asked for calm');
    await page.locator('.head').getByText('E-mail pending · Paused').waitFor();

    await act(page, 'Resume …', 'calm is over');
    await untilAt(stack, id, 'emailPending.awaitingCode');
    await act(page, 'Cancel …', 'signed up twice');
    await eventually(async () => (await statusOf(stage.gateway.stack, id)).state === 'cancelled', 'it is cancelled');
    await page.locator('.head').getByText('Cancelled').waitFor();

    expect(await act(page, 'Restart …', 'once was enough')).toContain('Begins a new journey');
    await untilAt(stack, id, 'emailPending.awaitingCode');
    await because(id, 'once was enough');
  });

  it('retries, resends and rechecks, each saying first what would come of it', async () => {
    const { stack } = stage.gateway;
    const [id = ''] = await stage.strand(1, 'away');
    const page = await stage.open(at(id));
    await page.getByText('Provider unavailable').waitFor();
    expect(await act(page, 'Retry …', 'sFOX is back')).toContain('Asks for a code');
    await untilAt(stack, id, 'emailPending.awaitingCode');
    expect(await act(page, 'Resend …', 'nothing came')).toContain('Asks for a code');
    await eventually(async () => (await statusOf(stack, id)).email?.sends === 2, 'another code was sent');
    await because(id, 'nothing came');
    expect(await act(page, 'Recheck …', 'the user says so')).toContain('no code');
    await because(id, 'the user says so');
  });

  it('overrides a channel, and erases for good once the id was typed', async () => {
    const { stack } = stage.gateway;
    const id = await begun('shown');
    const page = await stage.open(at(id));
    await act(page, 'Override …', 'passport was shown');
    await eventually(async () => (await statusOf(stack, id)).email?.evidence === 'operator', 'the e-mail is verified');
    await page.getByText('by an operator').waitFor();

    await page.getByRole('button', { name: 'Erase …' }).click();
    await page.getByLabel('Reason').fill('asked to be forgotten');
    const erase = page.getByRole('dialog').locator('footer button').last();
    await page.getByLabel(/to confirm/).fill('somebody else');
    expect(await erase.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await act(page, 'Erase …', 'asked to be forgotten', id);
    await page.getByText(`${id} is erased.`).waitFor();
    await expect(stack.onward.status(id)).rejects.toThrow('no journey');
  });

  it('says what is not allowed, why, and when it will be', async () => {
    const id = await begun('waits');
    const page = await stage.open(at(id));
    const line = (name: string) => page.locator('.acts li').filter({ has: page.locator(`[data-act=${name}]`) });
    await line('retry').getByText('retry is not allowed in emailPending.awaitingCode').waitFor();
    await line('restart').getByText('only after it has expired or was cancelled').waitFor();
    expect(await line('retry').getByRole('button').isDisabled()).toBe(true);
    // Everything that the dialog shows can be copied, and holds no token.
    await page.getByRole('button', { name: 'Pause …' }).click();
    await page.getByLabel('Reason').fill("it's\nlate");
    await page.getByText('The same by curl').click();
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(copied).toContain(`curl -X POST '${stage.gateway.url}/v1/users/${id}/onboarding/pause'`);
    expect(copied).toContain(`-d '{"reason":"it'\\''s late"}'`);
    expect(copied).toContain('Bearer $ONWARD_TOKEN');
    const link = page.getByRole('link', { name: 'In Temporal’s own pages', includeHidden: true });
    expect(await link.getAttribute('href')).toBe(
      `http://127.0.0.1:8233/namespaces/default/workflows/onboarding%3A${id}`,
    );
  });

  it('lights the way that was walked, follows it live, and goes back to any moment of it', async () => {
    const { stack } = stage.gateway;
    const id = await begun('walks');
    const page = await stage.open(at(id));
    const box = (name: string) => page.locator(`[data-box="${name}"]`);
    await page.locator('[data-box="emailPending.awaitingCode"].here').waitFor();
    await guessWrong(stack, id);
    await page.getByText('The e-mail code was wrong or too old').waitFor();
    await page.locator('[data-box="emailPending.checkingCode"].walked').waitFor();
    await enterCode(stack, id, 'email');
    await page.locator('[data-box="smsPending.awaitingCode"].here').waitFor();
    await page.locator('[data-box="emailVerified"].walked').waitFor();
    expect(await box('emailPending.locked').getAttribute('class')).not.toContain('walked');

    const left = page.locator('section[aria-label="Channels and limits"] tbody tr').first().locator('td').last();
    await page.getByLabel('Moment').fill('1');
    await page.locator('[data-box="emailPending.awaitingCode"].here').waitFor();
    expect(await left.innerText()).toBe('5');
    expect(await page.locator('[data-allowed-then]').innerText()).toMatch(/Allowed then: .*Pause.*Override/);
    expect(await page.getByRole('button', { name: 'Pause …' }).count()).toBe(0);
    await page.getByRole('button', { name: 'The e-mail code was wrong or too old' }).click();
    await eventually(async () => (await left.innerText()) === '4', 'a guess less is left');
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.locator('[data-box="smsPending.awaitingCode"].here').waitFor();
    const shown = await page.locator('body').innerText();
    expect(shown).not.toMatch(/@(?!e•)/);
  });

  it('tells the past of a journey that has ended, and was begun anew', async () => {
    const { stack } = stage.gateway;
    const id = await begun('again');
    await stack.onward.cancel(id, { reason: 'by mistake' }, operator);
    await stack.onward.restart(id, { reason: 'it was a mistake' }, operator);
    await untilAt(stack, id, 'emailPending.awaitingCode');
    await stack.onward.cancel(id, { reason: 'enough' }, operator);
    const past = await stack.onward.past(id);
    expect(past.map(({ stood }) => stood?.state ?? null)).toEqual([
      null,
      null,
      null,
      'emailPending',
      'emailPending',
      'cancelled',
    ]);
    expect(past.at(-1)?.stood?.email?.sends).toBe((await statusOf(stack, id)).email?.sends);
    const page = await stage.open(at(id));
    await page.getByLabel('Moment').fill('1');
    await page.getByText('How it stood then is not known.').waitFor();
  });

  it('shows a viewer everything and lets nothing be done', async () => {
    const id = await begun('seen');
    const page = await stage.open(at(id), { as: 'viewer' });
    await page.getByText('Timeline').waitFor();
    expect(await page.getByRole('region', { name: 'What can be done' }).count()).toBe(0);
    expect(stage.complaints).toEqual([]);
  });
});
