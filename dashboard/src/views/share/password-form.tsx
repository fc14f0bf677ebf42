import { useState } from 'react';
import { unlockedShareSchema } from '#schemas/api/shares.ts';
import { passwordLength } from '#schemas/catalog-rules.ts';
import { useApiMutation } from '../../api/lists.ts';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { TextField } from '../../components/inputs.tsx';
import { Heading } from '../shell/heading.tsx';

interface PasswordFormProps {
  token: string;
  /** @param token in place of the one that was sent */
  onUnlocked: (token: string) => void;
}

/** Asks for the password of a share link. */
export function PasswordForm({ token, onUnlocked }: PasswordFormProps) {
  const [password, setPassword] = useState('');
  const unlock = useApiMutation((api, json: { token: string; password: string }) =>
    api.send('post', '/shares/unlock', unlockedShareSchema, { json }),
  );
  return (
    <div className="password-form">
      <Heading
        title="Password required"
        subtitle="These statistics are protected. The sender of the link has the password."
      />
      <Form onSubmit={() => unlock.mutate({ token, password }, { onSuccess: (share) => onUnlocked(share.token) })}>
        <TextField
          label="Password"
          type="password"
          autoComplete="off"
          required
          maxLength={passwordLength.max}
          value={password}
          onChange={setPassword}
        />
        <FormError error={unlock.error} />
        <div className="form-actions">
          <button type="submit" className="primary" disabled={unlock.isPending}>
            Show statistics
          </button>
        </div>
      </Form>
    </div>
  );
}
