import type { ComponentChildren } from 'preact';
import type { State } from 'onward/client';
import { placeWords, toneOf } from './words.js';
import type { Step, Tone } from './words.js';

/** Small things that several screens show. */

/** A colour with its word. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

export function PlaceBadge({ state, step }: { state: State; step: Step | null }) {
  return <Badge tone={toneOf(state, step)}>{placeWords(state, step)}</Badge>;
}

export function Card({
  title,
  children,
  aside,
}: {
  title: string;
  children: ComponentChildren;
  aside?: ComponentChildren;
}) {
  return (
    <section class="card" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** What may be wider than the screen, and is then moved sideways, by keys as well. */
export function Scrolls({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="scrolls" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** The head of a table; a column of buttons has no word that is seen. */
export function Columns({ words }: { words: readonly string[] }) {
  return (
    <thead>
      <tr>
        {words.map((word) => (
          <th key={word} scope="col">
            {word === '' ? <span class="unseen">Act</span> : word}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** What is here when nothing is: it teaches what would be. */
export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      <p>{children}</p>
    </div>
  );
}

export function Problem({ children }: { children: ComponentChildren }) {
  return (
    <p class="problem" role="alert">
      {children}
    </p>
  );
}

/** A share of a whole, as a bar with its figures beside it. */
export function Bar({ share, tone = 'calm' }: { share: number; tone?: Tone }) {
  return (
    <svg class={`bar ${tone}`} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="rest" width="100" height="6" />
      <rect width={Math.min(100, Math.max(0, share * 100))} height="6" />
    </svg>
  );
}
