import { useQuery } from '@tanstack/react-query';
import { agenciesSchema } from '#schemas/api/agencies.ts';
import { useApi } from '../../api/context.tsx';
import { plural } from '../../format/numbers.ts';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { agencyPath } from '../../router/routes.ts';
import { Heading } from '../shell/heading.tsx';

export default function AgenciesView() {
  const api = useApi();
  const agencies = useQuery({
    queryKey: ['agencies'],
    queryFn: ({ signal }) => api.send('get', '/agencies', agenciesSchema, { signal }),
  });
  return (
    <>
      <Heading title="Agencies" />
      <Panel title="All agencies" className="narrow">
        <Loaded query={agencies}>
          {({ rows }) =>
            rows.length === 0 ? (
              <Empty>No agencies yet. Create a page with an agency to see it here.</Empty>
            ) : (
              <ul className="rows">
                {rows.map(({ id, pages }) => (
                  <li key={id}>
                    <Link to={agencyPath(id)} dir="auto">
                      {id}
                    </Link>
                    <span className="soft">{plural(pages, 'page')}</span>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
    </>
  );
}
