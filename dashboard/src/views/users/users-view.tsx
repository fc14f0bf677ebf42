import { useState } from 'react';
import { type Invitation, invitedSchema, usersSchema } from '#schemas/api/users.ts';
import { type Role, roles } from '#schemas/catalog.ts';
import { AgencyField } from '../../choosers/agency-field.tsx';
import type { Choice } from '../../choosers/chooser.tsx';
import { PagesField } from '../../choosers/pages-field.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { useApiMutation, useList } from '../../api/lists.ts';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { SelectField, TextField } from '../../components/inputs.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Panel } from '../../components/panel.tsx';
import { roleNames } from '../../format/names.ts';
import { formatDate } from '../../format/times.ts';
import { Heading } from '../shell/heading.tsx';

/** Lists, invites and removes users. */
export default function UsersView({ me }: { me: { subject: string } }) {
  const users = useList(['users'], (api, request) => api.send('get', '/users', usersSchema, request));
  const remove = useApiMutation((api, subject: string) => api.remove('/users/:subject', { param: { subject } }));
  return (
    <>
      <Heading title="Users" />
      <div className="grid fit">
        <Panel title="All users">
          <FormError error={remove.error} />
          <LoadMore query={users} empty="No users yet. Invite a user to give them access.">
            {(rows) => (
              <ul className="rows">
                {rows.map(({ subject, email, role, agency, pages, pending, expiresAt }) => (
                  <li key={subject}>
                    <span>
                      <b dir="auto">{email ?? subject}</b> {pending && <span className="badge">Invited</span>}
                      <br />
                      <small>
                        {roleNames[role]}
                        {agency !== null && ` · ${agency}`}
                        {pages.length > 0 && ` · ${pages.join(', ')}`}
                        {expiresAt !== null && ` · invitation expires ${formatDate(expiresAt.slice(0, 10))}`}
                      </small>
                    </span>
                    {subject !== me.subject && (
                      <button
                        type="button"
                        className="quiet small"
                        disabled={remove.isPending}
                        onClick={() => remove.mutate(subject)}
                      >
                        Remove user
                      </button>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </LoadMore>
        </Panel>
        <InvitationForm />
      </div>
    </>
  );
}

const access: Readonly<Record<Role, string>> = {
  admin: 'everything',
  agency: 'all pages of one agency',
  creator: 'their own pages',
};

function InvitationForm() {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('creator');
  const [agency, setAgency] = useState<string | null>(null);
  const [pages, setPages] = useState<Choice[]>([]);
  const invite = useApiMutation((api, json: Invitation) => api.send('post', '/users', invitedSchema, { json }));
  function submit(): void {
    invite.mutate({
      email: email.trim(),
      role,
      agency: role === 'agency' ? (agency?.trim() ?? null) : null,
      pages: role === 'creator' ? pages.map(({ value }) => value) : [],
    });
  }
  return (
    <Panel title="Invite a user">
      <Form onSubmit={submit}>
        <TextField
          label="Email address"
          help="We send an invitation to this address. To send it again, invite the user again."
          error={fieldError(invite.error, 'email')}
          type="email"
          required
          value={email}
          onChange={setEmail}
        />
        <SelectField
          label="Role"
          options={roles.map((value) => ({ value, label: `${roleNames[value]} – ${access[value]}` }))}
          value={role}
          onChange={setRole}
        />
        {role === 'agency' && (
          <AgencyField error={fieldError(invite.error, 'agency')} required value={agency} onChange={setAgency} />
        )}
        {role === 'creator' && (
          <PagesField error={fieldError(invite.error, 'pages')} chosen={pages} onChange={setPages} />
        )}
        <FormError error={invite.error} fields={['email', 'agency', 'pages']} />
        <div className="form-actions">
          <button
            type="submit"
            className="primary"
            disabled={invite.isPending || (role === 'creator' && pages.length === 0)}
          >
            Send invitation
          </button>
          {invite.data && (
            <span className="done" role="status">
              {invite.data.mailed
                ? 'Invitation sent.'
                : 'User invited. Mails are not set up here, so tell the user to sign in with this address.'}
            </span>
          )}
        </div>
      </Form>
    </Panel>
  );
}
