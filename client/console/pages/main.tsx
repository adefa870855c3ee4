import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { session, onSessionEnd } from './api.js';
import type { Principal } from 'onward/client';
import { LiveContext, useClock, useLive, useDashboardStream } from './hooks/live.js';
import { ActivityScreen } from './screens/activity.js';
import { Login } from './screens/login.js';
import { OverviewScreen } from './screens/dashboard.js';
import { MachineScreen } from './screens/machine.js';
import { NotFoundScreen } from './screens/not-found.js';
import { OperationScreen } from './screens/operation.js';
import { OperationsScreen } from './screens/operations.js';
import { PeopleScreen } from './screens/people.js';
import { PersonScreen } from './screens/person.js';
import { WhatIfScreen } from './screens/what-if.js';
import { WhatIfsScreen } from './screens/what-ifs.js';
import { ReconciliationScreen } from './screens/reconciliation.js';
import { useRoute } from './router.js';
import type { Route } from './router.js';
import { EnvironmentBadge } from './components/deployment/environment-badge.js';
import { Palette } from './components/palette.js';
import { Toasts } from './components/toasts.js';
import { Time } from './components/ui.js';

/** The console. Without a session it shows the login form only. */
function Console() {
  const [principal, setPrincipal] = useState<Principal | null>();
  const loadSession = () => session.load().then(setPrincipal, () => setPrincipal(null));
  useEffect(() => {
    onSessionEnd(() => setPrincipal(null));
    void loadSession();
  }, []);
  if (principal === undefined) return null;
  if (principal === null) return <Login onLogin={loadSession} />;
  return <Screens principal={principal} leave={() => session.end().finally(() => setPrincipal(null))} />;
}

const titles: { readonly [S in Route['screen']]: string } = {
  overview: 'Overview',
  machine: 'Journeys by state',
  people: 'People',
  person: 'Person',
  operations: 'Operations',
  operation: 'Operation',
  reconciliation: 'Reconciliation',
  whatIfs: 'What if?',
  whatIf: 'What if?',
  notFound: 'Page not found',
  activity: 'Activity',
};

function Screens({ principal, leave }: { principal: Principal; leave: () => void }) {
  const route = useRoute();
  const seen = useDashboardStream();
  useEffect(() => {
    document.title = `${route.id === '' ? titles[route.screen] : route.id} · Onward`;
  }, [route.screen, route.id]);
  return (
    <LiveContext.Provider value={{ principal, ...seen }}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href="/console/">
          <img src="/console/icon.svg" alt="" width="22" height="22" /> Onward
        </a>
        <EnvironmentBadge environment={principal.environment} />
        <nav aria-label="Screens">
          <Tab href="/console/" current={['overview', 'machine'].includes(route.screen)} name="Overview" />
          <Tab href="/console/people" current={['people', 'person'].includes(route.screen)} name="People" />
          <Tab
            href="/console/operations"
            current={['operations', 'operation', 'reconciliation'].includes(route.screen)}
            name="Operations"
          />
          <Tab href="/console/what-ifs" current={route.screen.startsWith('whatIf')} name="What if?" />
          <Tab href="/console/activity" current={route.screen === 'activity'} name="Activity" />
        </nav>
        <Palette />
        <Connection />
        <span class="who">
          {principal.name} <span class="role">{principal.role}</span>
        </span>
        <button class="plain" onClick={leave}>
          Log out
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        <Screen route={route} />
      </main>
      <Toasts />
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

const connectionLabels = {
  waiting: 'Connecting …',
  live: 'Live',
  away: 'Temporal does not answer',
  lost: 'The gateway does not answer',
} as const;

/** Shows whether the data is live, and its age if it is not. */
function Connection() {
  const { connection, now } = useLive();
  const clock = useClock();
  const age = now === null ? 0 : clock - Date.parse(now.asOf);
  const isOld = connection !== 'waiting' && age > 15_000;
  return (
    <span class={`connection ${connection}`} role="status">
      {connectionLabels[connection]}
      {isOld && now !== null && (
        <>
          {' '}
          · as of <Time at={now.asOf} now={clock} />
        </>
      )}
    </span>
  );
}

function Screen({ route }: { route: Route }) {
  switch (route.screen) {
    case 'overview':
      return <OverviewScreen />;
    case 'machine':
      return <MachineScreen />;
    case 'people':
      return <PeopleScreen query={route.query} />;
    case 'person':
      return <PersonScreen key={route.id} id={route.id} begin={route.query.get('action')} />;
    case 'operations':
      return <OperationsScreen begin={route.query.get('action')} />;
    case 'activity':
      return <ActivityScreen query={route.query} />;
    case 'operation':
      return <OperationScreen key={route.id} id={route.id} />;
    case 'reconciliation':
      return <ReconciliationScreen key={route.id} id={route.id} />;
    case 'whatIfs':
      return <WhatIfsScreen />;
    case 'whatIf':
      return <WhatIfScreen key={route.id} id={route.id} />;
    case 'notFound':
      return <NotFoundScreen />;
  }
}

render(<Console />, document.body);
