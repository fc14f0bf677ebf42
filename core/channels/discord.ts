import type { ChannelMessage } from './message.ts';
import { headingOf, joinLines, linkText } from './text.ts';

/**
 * Builds the body for a webhook: one embed. No mention in it notifies anyone.
 * @see https://docs.discord.com/developers/resources/message#embed-object-embed-limits (256, 4,096, and 6,000 together)
 */
export function discordBody(message: ChannelMessage) {
  return {
    embeds: [
      {
        // Escaped, it may have twice the characters.
        title: escapeMarkdown(headingOf(message, 128)),
        url: message.dashboard,
        description: `${joinLines(message.lines, 4000, escapeMarkdown)}\n[${linkText}](${message.dashboard})`,
        color: colors[message.tone],
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

/** Discord takes a backslash before any ASCII punctuation; escaped colons and dots make no link. */
function escapeMarkdown(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, String.raw`\$&`);
}

const colors: Readonly<Record<ChannelMessage['tone'], number>> = { down: 0xc0_39_2b, up: 0x2e_6f_b7, calm: 0x2e_8b_57 };
