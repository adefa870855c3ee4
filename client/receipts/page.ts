import { createHash } from 'node:crypto';
import { escapeHtml } from '../presentation/escape-html.ts';
import { parseLog } from '../../workflows/journey/stored/parse-log.ts';
import { channelFacts } from '../../workflows/journey/channels.ts';
import { stateFacts } from '../../workflows/journey/status/status.ts';
import { timelineOf } from '../../workflows/journey/status/timeline.ts';
import type { Evidence } from '../../workflows/journey/context.ts';
import type { Receipt, VerifiedChannel } from './schema.ts';

const evidenceTexts: { readonly [E in Evidence]: string } = {
  code: 'by a code that the user entered and the provider accepted',
  provider: 'by the record of the provider',
  operator: 'by an operator',
};

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #ccc; overflow-wrap: anywhere; }
code, pre { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
`;

/** The content security policy of the page: nothing but its own style. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** Renders a receipt as one HTML page that loads nothing. It verifies nothing: `onward receipt verify` does. */
export function renderReceipt({ statement, entries, signature }: Receipt): string {
  const { userId, accountType, state, verified, issuedAt, machineVersion, policy, chain } = statement;
  const items = timelineOf(parseLog(entries.map(({ entry }) => entry)));
  return page(
    `Receipt of ${userId}`,
    html`<h1>Receipt</h1>
      <table>
        ${row('User', userId)} ${row('Account', accountType)} ${row('State', stateFacts[state].label)}
        ${row('Issued at', issuedAt)} ${row('Version of the state machine', String(machineVersion))}
      </table>
      <h2>Verified</h2>
      ${verifiedTable(verified)}
      <h2>Events</h2>
      <table>
        <tr>
          <th scope="col">No.</th>
          <th scope="col">At</th>
          <th scope="col">What</th>
          <th scope="col">By</th>
          <th scope="col">Reason</th>
          <th scope="col">Hash</th>
        </tr>
        ${items.map(
          ({ at, what, by, reason }, index) =>
            html`<tr>
              <td>${String(index + 1)}</td>
              <td>${at}</td>
              <td>${what}</td>
              <td>${by ?? ''}</td>
              <td>${reason ?? ''}</td>
              <td><code>${entries[index]?.hash ?? ''}</code></td>
            </tr>`,
        )}
      </table>
      <h2>Policy</h2>
      <pre>${JSON.stringify(policy, null, 2)}</pre>
      <h2>Signature</h2>
      <p>
        This page shows what the receipt states and proves nothing by itself. Save the receipt as JSON and check it with
        <code>onward receipt verify</code>.
      </p>
      <p>Last hash: <code>${chain.last}</code></p>
      <p><code>${signature}</code></p>`,
  );
}

function verifiedTable(verified: readonly VerifiedChannel[]): Html {
  if (verified.length === 0) return html`<p>No channel is verified.</p>`;
  return html`<table>
    <tr>
      <th scope="col">Channel</th>
      <th scope="col">At</th>
      <th scope="col">How</th>
      <th scope="col">Event</th>
    </tr>
    ${verified.map(({ channel, at, evidence, by, reason, entry }) => {
      const who = by === null ? '' : ` (${by.name}): ${reason ?? ''}`;
      return html`<tr>
        <td>${channelFacts[channel].label}</td>
        <td>${at}</td>
        <td>${evidenceTexts[evidence]}${who}</td>
        <td>${String(entry)}</td>
      </tr>`;
    })}
  </table>`;
}

function row(name: string, value: string): Html {
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${value}</td>
  </tr>`;
}

function page(title: string, body: Html): string {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>`;
  return `<!doctype html>\n<html lang="en"><head>${head}<style>${STYLE}</style></head><body>${body.markup}</body></html>\n`;
}

/** Markup whose texts are escaped. */
interface Html {
  readonly markup: string;
}

function html(parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
  const texts = values.map((value) => {
    if (typeof value === 'string') return escapeHtml(value);
    return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
  });
  return { markup: parts.map((part, index) => part + (texts[index] ?? '')).join('') };
}
