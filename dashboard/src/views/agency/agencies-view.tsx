import { useAgencies } from '../../api/queries.ts';
import { plural } from '../../format/numbers.ts';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { agencyPath } from '../../router/routes.ts';
import { Heading } from '../shell/heading.tsx';

export default function AgenciesView() {
  const agencies = useAgencies();
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
