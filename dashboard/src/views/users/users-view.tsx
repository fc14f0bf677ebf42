import { useState } from 'react';
import { type Invitation, invitedSchema, usersSchema } from '#schemas/api/users.ts';
import { type Role, roles } from '#schemas/catalog.ts';
import { useApiMutation, useList } from '../../api/lists.ts';
import { formatDate } from '../../format/times.ts';
import { Field, fieldError, FormError } from '../../components/field.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Empty, Panel } from '../../components/panel.tsx';
import { Heading } from '../shell/heading.tsx';

const roleNames: Readonly<Record<Role, string>> = {
  admin: 'Administrator – everything',
  agency: 'Agency – the pages of one agency',
  creator: 'Creator – their own pages',
};

/** Who may see what. */
export default function UsersView({ me }: { me: { subject: string } }) {
  const users = useList(['users'], (api, stretch) => api.send('get', '/users', usersSchema, stretch));
  const remove = useApiMutation((api, subject: string) => api.remove('/users/:subject', { param: { subject } }));
  return (
    <>
      <Heading title="People" />
      <div className="grid fit">
        <Panel title="Users">
          <FormError error={remove.error} fields={[]} />
          <LoadMore query={users}>
            {(rows) =>
              rows.length === 0 ? (
                <Empty>Nobody yet.</Empty>
              ) : (
                <ul className="rows">
                  {rows.map(({ subject, email, role, agency, pages, pending, expiresAt }) => (
                    <li key={subject}>
                      <span>
                        <b dir="auto">{email ?? subject}</b> {pending && <span className="badge">Invited</span>}
                        <br />
                        <small>
                          {roleNames[role].split(' – ')[0]}
                          {agency !== null && ` · ${agency}`}
                          {pages.length > 0 && ` · ${pages.join(', ')}`}
                          {expiresAt !== null && ` · until ${formatDate(expiresAt.slice(0, 10))}`}
                        </small>
                      </span>
                      {subject !== me.subject && (
                        <button
                          type="button"
                          className="quiet small"
                          disabled={remove.isPending}
                          onClick={() => remove.mutate(subject)}
                        >
                          Remove
                        </button>
                      )}
                    </li>
                  ))}
                </ul>
              )
            }
          </LoadMore>
        </Panel>
        <Invite />
      </div>
    </>
  );
}

function Invite() {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('creator');
  const [target, setTarget] = useState('');
  const invite = useApiMutation((api, json: Invitation) => api.send('post', '/users', invitedSchema, { json }));
  function submit(): void {
    return invite.mutate({
      email: email.trim(),
      role,
      agency: role === 'agency' ? target.trim() : null,
      pages: role === 'creator' ? parsePages(target) : [],
    });
  }
  return (
    <Panel title="Invite somebody">
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field
          label="E-mail address"
          help="Who signs in with it becomes the user. Inviting again sends another mail."
          error={fieldError(invite.error, 'email')}
        >
          {(control) => (
            <input
              {...control}
              type="email"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Field label="Role">
          {(control) => (
            <select
              {...control}
              value={role}
              onChange={(event) => setRole(roles.find((each) => each === event.target.value) ?? 'creator')}
            >
              {roles.map((each) => (
                <option key={each} value={each}>
                  {roleNames[each]}
                </option>
              ))}
            </select>
          )}
        </Field>
        {role !== 'admin' && (
          <Field
            label={role === 'agency' ? 'Agency' : 'Pages'}
            {...(role === 'creator' && { help: 'Their paths, such as /ada, separated by spaces.' })}
            error={fieldError(invite.error, role === 'agency' ? 'agency' : 'pages')}
          >
            {(control) => (
              <input {...control} required value={target} onChange={(event) => setTarget(event.target.value)} />
            )}
          </Field>
        )}
        <FormError error={invite.error} fields={['email', 'agency', 'pages']} />
        <div className="form-actions">
          <button type="submit" className="primary" disabled={invite.isPending}>
            Invite
          </button>
          {invite.data && (
            <span className="done" role="status">
              {invite.data.mailed ? 'Invited by mail.' : 'Invited. This stack sends no mails: tell them yourself.'}
            </span>
          )}
        </div>
      </form>
    </Panel>
  );
}

function parsePages(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .filter((path) => path !== '')
    .map((path) => `/${path.replace(/^[/@]+/, '')}`);
}
