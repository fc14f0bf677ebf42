import { buildMessage, isMessaged } from '#core/channels/message.ts';
import { type ChannelOutcome, nextAttempt } from '#core/channels/outcome.ts';
import { inTurns } from '#jobs/alert-run.ts';
import type { OutgoingMessage } from '#schemas/alerts.ts';
import type { Channel } from '#schemas/channels.ts';
import type { OutgoingMails } from '#stores/alerts/outgoing-mails.ts';
import type { SavedRecords } from '#stores/catalog/saved-records.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';
import type { SendToChannel } from '#stores/web/channel-sender.ts';
import { dashboardLink } from './dashboard-link.ts';

interface MessagingDeps {
  mails: Pick<OutgoingMails, 'dueMessages' | 'claim' | 'sent' | 'dropped' | 'postpone' | 'bury'>;
  channels: Pick<SavedRecords<Channel>, 'list' | 'replace'>;
  sendToChannel: SendToChannel;
  /** Counts messages that were given up. */
  onDead: (messages: number) => void;
  /** The stack's public address, without a trailing slash. */
  publicUrl: string;
  now: () => number;
  sleep: (milliseconds: number) => Promise<unknown>;
}

/** Number of messages by result. */
export type MessageTally = Record<string, number>;

const maxMessagesPerRun = 1000;
/** Channels that are sent to side by side, so that a slow one does not hold up the others. */
const concurrency = 20;
/** No message is begun after this time; what is left is due in the next run. */
const runMilliseconds = 180_000;

/**
 * Sends every message to a channel that may leave at `time`, those of a channel in order. A message is claimed before it is
 * sent, and stays in the outbox until the service has accepted it: if the job stops between the two, a later run sends it
 * with the same id. A message that fails is sent again later, with all others of its channel, and after two days kept for
 * `hopcount redrive`.
 * @param time milliseconds since the epoch
 * @throws {StoreUnavailable}
 */
export async function sendDueMessages(deps: MessagingDeps, time: number): Promise<MessageTally> {
  const run = { deps, deadline: deps.now() + runMilliseconds, tally: {} as MessageTally };
  const due = await deps.mails.dueMessages(time, maxMessagesPerRun);
  const byChannel = [...Map.groupBy(due, ({ channel: { owner, id } }) => `${owner} ${id}`).values()];
  const inOrder = inTurns(byChannel, ([message]) => message?.channel.owner ?? '');
  await forEachConcurrently(inOrder, concurrency, (messages) => sendToOne(run, messages));
  if (run.tally['dead']) deps.onDead(run.tally['dead']);
  return run.tally;
}

interface Run {
  deps: MessagingDeps;
  deadline: number;
  tally: MessageTally;
}

/** Sends the messages of one channel, until one fails. */
async function sendToOne(run: Run, messages: readonly OutgoingMessage[]): Promise<void> {
  const { deps } = run;
  const [first] = messages;
  if (first === undefined) return;
  const channel = (await deps.channels.list(first.channel.owner)).find(({ id }) => id === first.channel.id);
  let outcome: ChannelOutcome | undefined;
  for (const message of messages) {
    if (deps.now() >= run.deadline) count(run, 'no-time-left');
    else if (!(await deps.mails.claim(message.id, deps.now()))) count(run, 'claimed-by-another-run');
    else if (channel === undefined) {
      await deps.mails.dropped(message.id, 'channel-deleted');
      count(run, 'channel-deleted');
    } else {
      if (outcome?.kind !== 'failed') outcome = await sendPatiently(run, channel, message);
      await settle(run, message, outcome);
    }
  }
  if (channel && outcome) await report(deps, channel, outcome);
}

/** The longest wait for a rate limit within a run, and how often. Slack takes a message a second. */
const shortWait = { milliseconds: 15_000, times: 5 } as const;

async function sendPatiently({ deps, deadline }: Run, channel: Channel, message: OutgoingMessage) {
  const { content } = message;
  if (!isMessaged(content)) throw new TypeError(`a channel gets no mail of kind ${content.kind}`);
  const words = buildMessage(content, dashboardLink(deps.publicUrl, content));
  for (let waits = 0; ; waits++) {
    const outcome = await deps.sendToChannel(channel, words, `msg_${message.id}`);
    if (outcome.kind === 'delivered' || outcome.retryAfter === 0) return outcome;
    const isShort = outcome.retryAfter <= shortWait.milliseconds && waits < shortWait.times;
    if (!isShort || deps.now() + outcome.retryAfter >= deadline) return outcome;
    await deps.sleep(outcome.retryAfter);
  }
}

async function settle(run: Run, message: OutgoingMessage, outcome: ChannelOutcome): Promise<void> {
  const { mails, now } = run.deps;
  if (outcome.kind === 'delivered') {
    await mails.sent(message.id, now(), outcome.detail);
    return count(run, 'sent');
  }
  const firstAttempt = message.firstAttempt ?? new Date(now()).toISOString();
  const tried = { ...message, attempts: message.attempts + 1, firstAttempt };
  const first = Date.parse(firstAttempt);
  const next = nextAttempt(outcome, { attempts: tried.attempts, first, now: now() });
  if (next === undefined) await mails.bury(tried, now());
  else await mails.postpone(tried, next);
  return count(run, next === undefined ? 'dead' : 'postponed');
}

function count({ tally }: Run, result: string): void {
  tally[result] = (tally[result] ?? 0) + 1;
}

/** Stores for the channel's users what came of its last message. Nothing is stored if it was deleted meanwhile. */
async function report(
  { channels, now }: Pick<MessagingDeps, 'channels' | 'now'>,
  channel: Channel,
  { kind, detail }: ChannelOutcome,
): Promise<void> {
  const last = { at: new Date(now()).toISOString(), delivered: kind === 'delivered', detail };
  await channels.replace(channel.owner, { ...channel, last });
}
