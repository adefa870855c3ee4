import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { session, whenLoggedOut } from './doors.js';
import type { Holder } from './doors.js';
import { LiveContext, useClock, useLive, useNowStream } from './live.js';
import { Login } from './login.js';
import { NowScreen } from './now.js';
import { OperationScreen } from './operation.js';
import { OperationsScreen } from './operations.js';
import { PeopleScreen } from './people.js';
import { PersonScreen } from './person.js';
import { useRoute } from './route.js';
import type { Route } from './route.js';
import { ageWords } from './words.js';

/** The console: who is not logged in sees the way in and nothing else. */
function Console() {
  const [holder, setHolder] = useState<Holder | null>();
  const look = () => session.whose().then(setHolder, () => setHolder(null));
  useEffect(() => {
    whenLoggedOut(() => setHolder(null));
    void look();
  }, []);
  if (holder === undefined) return null;
  if (holder === null) return <Login entered={look} />;
  return <Screens holder={holder} leave={() => session.end().finally(() => setHolder(null))} />;
}

const titles: { readonly [S in Route['screen']]: string } = {
  now: 'Now',
  people: 'People',
  person: 'Person',
  operations: 'Operations',
  operation: 'Operation',
};

function Screens({ holder, leave }: { holder: Holder; leave: () => void }) {
  const route = useRoute();
  const seen = useNowStream();
  useEffect(() => {
    document.title = `${route.id === '' ? titles[route.screen] : route.id} · Onward`;
  }, [route.screen, route.id]);
  return (
    <LiveContext.Provider value={{ holder, ...seen }}>
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="top">
        <a class="brand" href="/console/">
          <img src="/console/icon.svg" alt="" width="22" height="22" /> Onward
        </a>
        <nav aria-label="Screens">
          <Tab href="/console/" current={route.screen === 'now'} name="Now" />
          <Tab href="/console/people" current={route.screen.startsWith('pe')} name="People" />
          <Tab href="/console/operations" current={route.screen.startsWith('operation')} name="Operations" />
        </nav>
        <Connection />
        <span class="who">
          {holder.name} <span class="role">{holder.role}</span>
        </span>
        <button class="plain" onClick={leave}>
          Log out
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        <Screen route={route} />
      </main>
    </LiveContext.Provider>
  );
}

function Tab({ href, current, name }: { href: string; current: boolean; name: string }) {
  return (
    <a href={href} {...(current && { 'aria-current': 'page' as const })}>
      {name}
    </a>
  );
}

const connectionWords = {
  waiting: 'Connecting …',
  live: 'Live',
  away: 'Temporal does not answer',
  lost: 'The gateway does not answer',
} as const;

/** Whether what is shown is so now, or was. */
function Connection() {
  const { connection, now } = useLive();
  const clock = useClock();
  const age = now === null ? 0 : clock - Date.parse(now.asOf);
  const isOld = connection !== 'waiting' && age > 15_000;
  return (
    <span class={`connection ${connection}`} role="status">
      {connectionWords[connection]}
      {isOld && now !== null && ` · of ${ageWords(now.asOf, clock)} ago`}
    </span>
  );
}

function Screen({ route }: { route: Route }) {
  switch (route.screen) {
    case 'now':
      return <NowScreen />;
    case 'people':
      return <PeopleScreen query={route.query} />;
    case 'person':
      return <PersonScreen key={route.id} id={route.id} />;
    case 'operations':
      return <OperationsScreen />;
    case 'operation':
      return <OperationScreen key={route.id} id={route.id} />;
  }
}

render(<Console />, document.body);
