import { useState } from 'react';
import { createdChannelSchema, type NewChannel } from '#schemas/api/channels.ts';
import { channelLimits, type ChannelService, channelServices } from '#schemas/channels.ts';
import { fieldError } from '../../api/field-errors.ts';
import { useApiMutation } from '../../api/lists.ts';
import { Secret } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { SelectField, TextField } from '../../components/inputs.tsx';
import { serviceNames } from '../../format/names.ts';

/** Whose channels they are: a page's, by its path with the slash, or an agency's. */
export type ChannelOwner = { page: string } | { agency: string };

interface Draft {
  service: ChannelService;
  name: string;
  webhookUrl: string;
  botToken: string;
  chat: string;
}

const emptyDraft: Draft = { service: 'slack', name: '', webhookUrl: '', botToken: '', chat: '' };
const fields = ['name', 'webhookUrl', 'botToken', 'chat'] as const;

/** Where a service shows the address of a webhook. */
const helps: Readonly<Record<Exclude<ChannelService, 'telegram'>, string>> = {
  slack: 'In Slack: your app, Incoming Webhooks. Begins with https://hooks.slack.com/services/.',
  discord: 'In Discord: the channel’s settings, Integrations, Webhooks.',
  teams: 'In Teams: the channel’s menu, Workflows, “Post to a channel when a webhook request is received”.',
  webhook: 'An https address of your server. Requests are signed as in Standard Webhooks.',
};

export function NewChannelDialog({ owner, onClose }: { owner: ChannelOwner; onClose: () => void }) {
  const [draft, setDraft] = useState(emptyDraft);
  const create = useApiMutation((api, json: NewChannel) =>
    api.send('post', '/channels', createdChannelSchema, { query: owner, json }),
  );
  function submit(): void {
    create.mutate(toRequest(draft), {
      onSuccess: ({ signingSecret }) => {
        if (signingSecret === null) onClose();
      },
    });
  }
  const secret = create.data?.signingSecret;
  return (
    <Dialog title={secret ? 'Webhook added' : 'Add channel'} onClose={onClose}>
      {secret ? (
        <div className="stack">
          <Secret name="signing secret" text={secret} what="the signing secret" />
          <p className="soft">Your server verifies each request with it. Then send a test.</p>
        </div>
      ) : (
        <Form onSubmit={submit}>
          <ChannelFields draft={draft} set={(change) => setDraft({ ...draft, ...change })} error={create.error} />
          <FormError error={create.error} fields={fields} />
          <div className="form-actions">
            <button type="submit" className="primary" disabled={create.isPending}>
              Add channel
            </button>
          </div>
        </Form>
      )}
    </Dialog>
  );
}

function toRequest({ service, name, webhookUrl, botToken, chat }: Draft): NewChannel {
  return service === 'telegram' ? { service, name, botToken, chat } : { service, name, webhookUrl };
}

interface ChannelFieldsProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  error: Error | null;
}

function ChannelFields({ draft, set, error }: ChannelFieldsProps) {
  return (
    <>
      <SelectField
        label="Service"
        options={channelServices.map((value) => ({ value, label: serviceNames[value] }))}
        value={draft.service}
        onChange={(service) => set({ service })}
      />
      <TextField
        label="Name"
        help="How you call the channel here."
        error={fieldError(error, 'name')}
        maxLength={channelLimits.name}
        required
        value={draft.name}
        onChange={(name) => set({ name })}
      />
      {draft.service === 'telegram' ? (
        <>
          <TextField
            label="Bot token"
            help="From BotFather. Add the bot to the chat."
            error={fieldError(error, 'botToken')}
            autoComplete="off"
            required
            value={draft.botToken}
            onChange={(botToken) => set({ botToken })}
          />
          <TextField
            label="Chat"
            help="The id of the chat, such as -1001234567890, or the @name of a public channel."
            error={fieldError(error, 'chat')}
            required
            value={draft.chat}
            onChange={(chat) => set({ chat })}
          />
        </>
      ) : (
        <TextField
          label="Webhook URL"
          help={helps[draft.service]}
          error={fieldError(error, 'webhookUrl')}
          type="url"
          autoComplete="off"
          maxLength={channelLimits.url}
          required
          value={draft.webhookUrl}
          onChange={(webhookUrl) => set({ webhookUrl })}
        />
      )}
    </>
  );
}
