import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { ApiProblem, createClient } from './api/client.ts';
import { ApiProvider } from './api/context.tsx';
import { useMe } from './api/queries.ts';
import { Failure, Skeleton } from './parts/panel.tsx';
import { useLocation } from './router/location.ts';
import { type Route, routeOf } from './router/routes.ts';
import type { Session } from './session/session.ts';
import { NotFound } from './views/not-found.tsx';
import { PageView } from './views/pages/page-view.tsx';
import { type Me, Shell } from './views/shell/shell.tsx';
import { Welcome } from './views/shell/welcome.tsx';

/** Only what may be a passing fault is asked again. */
const mayPass = (error: Error): boolean => !(error instanceof ApiProblem) || error.details.status >= 500;

const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: { queries: { staleTime: 10_000, retry: (failures, error) => failures < 1 && mayPass(error) } },
  });

const View = ({ route }: { route: Route; me: Me }) => {
  if (route.view === 'page') return <PageView key={route.page} page={route.page} tab={route.tab} />;
  return <NotFound />;
};

const Inside = ({ session }: { session: Session }) => {
  const me = useMe();
  const { path } = useLocation();
  if (me.isError)
    return (
      <main className="welcome">
        <Failure error={me.error} retry={() => void me.refetch()} />
      </main>
    );
  if (me.data === undefined)
    return (
      <main className="welcome">
        <Skeleton />
      </main>
    );
  return (
    <Shell me={me.data} onSignOut={() => void session.signOut()}>
      <View route={routeOf(path)} me={me.data} />
    </Shell>
  );
};

/** The dashboard of somebody who signs in. */
export const App = ({ session, notice }: { session: Session; notice?: string }) => {
  const [ended, setEnded] = useState(!session.signedIn());
  const queries = useMemo(createQueryClient, []);
  const client = useMemo(
    () =>
      createClient(
        async () => `Bearer ${await session.token()}`,
        () => setEnded(true),
      ),
    [session],
  );
  if (ended) return <Welcome signIn={session.signIn} {...(notice !== undefined && { notice })} />;
  return (
    <QueryClientProvider client={queries}>
      <ApiProvider client={client}>
        <Inside session={session} />
      </ApiProvider>
    </QueryClientProvider>
  );
};
