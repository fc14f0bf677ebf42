import { peopleSchema } from '#schemas/api/pages.ts';
import { useFullList } from '../../api/lists.ts';
import { useMe } from '../../api/queries.ts';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { roleNames } from '../../format/names.ts';
import { Link } from '../../router/link.tsx';

/** Reads who has access to a page. @param page its path without the slash */
export function usePeople(page: string) {
  return useFullList(['people', page], (api, { query, signal }) =>
    api.send('get', '/pages/:page/people', peopleSchema, { param: { page }, query, signal }),
  );
}

export function People({ page }: { page: string }) {
  const me = useMe();
  const people = usePeople(page);
  return (
    <Panel
      title="People with access"
      actions={
        me.data?.role === 'admin' && (
          <Link className="quiet small" to="/users">
            Invite a user
          </Link>
        )
      }
    >
      <p className="soft">They sign in with their own account. Admins have access to every page.</p>
      <Loaded query={people} rows={2}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty>No one has access yet. An admin can invite a creator for this page.</Empty>
          ) : (
            <ul className="rows">
              {rows.map(({ email, role }, index) => (
                <li key={email ?? index}>
                  <bdi>{email ?? 'Without an address'}</bdi>
                  <span className="badge">{roleNames[role]}</span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}
