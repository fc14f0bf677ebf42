import type { ChannelMessage } from './message.ts';
import { escapeMarkup, headingOf, joinLines, linkText } from './text.ts';

/**
 * Builds the body for an incoming webhook. Texts of users are `plain_text`, in which Slack finds no mention, link or
 * emoji; `text` is for notifications, and the only one that it parses.
 * @see https://docs.slack.dev/reference/block-kit/blocks (a header has 150 characters, a section 3,000)
 */
export function slackBody(message: ChannelMessage) {
  const heading = headingOf(message, 150);
  return {
    text: escapeMarkup(heading),
    unfurl_links: false,
    blocks: [
      { type: 'header', text: plain(heading) },
      { type: 'section', text: plain(joinLines(message.lines, 3000)) },
      { type: 'section', text: { type: 'mrkdwn', text: `<${message.dashboard}|${linkText}>` } },
    ],
  };
}

function plain(text: string) {
  return { type: 'plain_text', text, emoji: false };
}
